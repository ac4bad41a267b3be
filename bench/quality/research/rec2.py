from grid import *
import grid
CLAMP=0
BASE=['own','other','margin','vote','s1','s5','o1','o5','rho','ownrho','det','len','ownother','margin2','own2','owndet','otherdet','ownlen','otherlen']
def swap(lab,true,fl,rng):
    # permute labels among flipped images so none gets its own
    l=true[fl].copy()
    for _ in range(200):
        p=rng.permutation(len(fl)); 
        bad=l[p]==l
        if bad.sum()<=max(0,len(fl)//50): break
    l2=l[p]
    for i in np.where(l2==l)[0]:
        for j in rng.permutation(len(fl)):
            if l2[j]!=l[i] and l2[i]!=l[j]: l2[i],l2[j]=l2[j],l2[i]; break
    return l2
def units(s):
    rng=np.random.default_rng(1); R=(s.lab+1+rng.integers(0,max(s.K-1,1),s.N))%s.K
    r=s.S[np.arange(s.N),R]; r=r[R!=s.lab]
    return (r.mean(),max(r.std(),1e-3)) if len(r)>1 else (0,.12)
def kinds2(s,seed=0,matemax=.4,use=BASE,det0=.9):
    mu,sd=units(s); u=lambda a:np.maximum((a-mu)/sd,CLAMP)
    rng=np.random.default_rng(seed); N,K=s.N,s.K; lab=s.lab; ar=np.arange(N)
    ln=np.log(s.len); ln=(ln-np.median(ln)); det=(s.det-det0)/.05
    det=np.maximum(det,-8)
    onehot=lab[:,None]==lab[None,:]
    So=s.S.copy(); So[ar,lab]=-9
    near=So.argmax(1); other=So.max(1)
    def mk(R,removed,mates):
        own=s.S[ar,R]; T=s.S.copy(); T[ar,R]=-9
        if removed: T[ar,lab]=-9
        oth=T.max(1); oth=np.where(oth<-5,mu,oth)
        isR=R[:,None]==lab[None,:]
        oc=top(np.where(isR,s.G,-9),10); F=np.where(isR,-9,s.G)
        if removed:
            stay=(rng.random((N,N))<mates[:,None]) if mates is not None else np.zeros((N,N),bool)
            F=np.where(onehot&~stay,-9,F)
        fc=top(F,10)
        allc=np.concatenate([oc,fc],1); isown=np.concatenate([np.ones_like(oc),np.zeros_like(fc)],1)
        idx=np.argsort(-allc,axis=1,kind='stable')[:,:10]
        c=np.take_along_axis(allc,idx,1); o=np.take_along_axis(isown,idx,1)
        w=np.maximum(c,0)**2; vote=(w*o).sum(1)/np.maximum(w.sum(1),1e-6)
        z=lambda a:np.where(a<-5,0,a)
        m5=lambda A:(lambda a,k:(np.where(k,a,0).sum(1)/np.maximum(k.sum(1),1)))(A[:,:5],A[:,:5]>-5)
        s1=u(z(oc[:,0])); o1=u(z(fc[:,0])); s5=u(z(oc[:,:5]).mean(1)); o5=u(z(fc[:,:5]).mean(1))
        U,O=u(own),u(oth); rho=u(s.rho[R])
        F=dict(own=U,other=O,margin=U-O,vote=vote,s1=s1,s5=s5,o1=o1,o5=o5,rho=rho,ownrho=U-rho,det=det,len=ln,
          ownother=U*O,margin2=(U-O)**2,own2=U**2,owndet=U*det,otherdet=O*det,ownlen=U*ln,otherlen=O*ln,
          s5m=u(m5(oc)),logn=np.log(s.n[R]),ownn=U/np.sqrt(s.n[R]),other2=O*O)
        return np.stack([F[x] for x in use],1)
    d=lambda: (lab+1+rng.integers(0,K-1,N))%K if K>1 else lab
    out=[(mk(lab,False,None),0,1.),(mk(d(),False,None),1,.2),(mk(near,False,None),1,.8),(mk(d(),True,None),2,1.),(mk(d(),True,rng.random(N)*matemax),3,1.)]
    return out,near,other
def stack(kk,b):
    X=np.concatenate([k[0] for k in kk]); y=np.concatenate([np.full(len(b),k[1]) for k in kk]); w=np.concatenate([b*k[2] for k in kk]); return X,y,w
def makeprior(sets,use=BASE,ridge=1.):
    XX=[];yy=[];ww=[]
    for s,good,wt in sets:
        kk,_,_=kinds2(s,use=use); X,y,w=stack(kk,good.astype(float)); XX.append(X);yy.append(y);ww.append(w*wt)
    X=np.concatenate(XX);y=np.concatenate(yy);w=np.concatenate(ww)
    m=(X*w[:,None]).sum(0)/w.sum(); sd=np.sqrt(((X-m)**2*w[:,None]).sum(0)/w.sum())+1e-9
    B=fit(np.c_[np.ones(len(X)),(X-m)/sd],y,w,4,ridge)
    return dict(m=m,sd=sd,B=B,use=use)
def em(L,sh=None,pc=5.,p0=None,it=200):
    p0=np.array([.98,.01,.005,.005]) if p0 is None else p0
    sh=p0.copy(); E=np.exp(L-L.max(1,keepdims=True))
    for _ in range(it):
        P=E*sh; P/=P.sum(1,keepdims=True); sh=(P.sum(0)+pc*p0)/(len(L)+pc)
    return sh
def judge2(s,prior,ridge=10.,own=True,full=False,seed=0):
    kk,near,other=kinds2(s,use=prior['use'],seed=seed); b=belief(s)
    Z=lambda X:np.c_[np.ones(len(X)),(X-prior['m'])/prior['sd']]
    if own:
        X,y,w=stack(kk,b); B=fit(Z(X),y,w,4,ridge,prior=prior['B'])
    else: B=prior['B']
    lo=lambda X:np.c_[np.zeros(len(X)),Z(X)@B.T]
    L=lo(kk[0][0]); sh=em(L)
    lod=lambda X:(lambda A:logsumexp(A[:,1:],axis=1)-A[:,0])(lo(X)+np.log(np.maximum(sh,1e-9)))
    A=L+np.log(np.maximum(sh,1e-9)); P=np.exp(A-logsumexp(A,axis=1,keepdims=True))
    r=dict(score=lod(kk[0][0]),p=1-P[:,0],P=P,shares=sh,near=near,other=other,belief=b)
    if full: r['sim']=[(lod(k[0]),k[1],k[2]) for k in kk]
    return r
