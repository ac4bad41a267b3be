import numpy as np, csv, hashlib
from scipy.special import logsumexp
def trimmed(X):
    n=len(X)
    if n<3: kept=np.ones(n,bool)
    else:
        G=X@X.T; k=max(int(.5*n),1)
        D=G.copy(); np.fill_diagonal(D,-9)
        dens=-np.sort(-D,axis=1)[:,:k].sum(1); s=dens.argmax()
        m=max(int(np.ceil(.5*n)),2)
        kept=np.zeros(n,bool); kept[np.argsort(-G[s],kind='stable')[:m]]=True
        for _ in range(6):
            sc=loo(X,kept); srt=np.sort(sc); med=srt[(n-1)//2]; hi=srt[(n-1)*5//6]
            new=sc>=med-3*(hi-med)
            if (new==kept).all(): break
            kept=new
    return kept
def loo(X,kept):
    s=X[kept].sum(0); xs=X@s; ss=s@s
    out=np.where(kept,(xs-1)/np.sqrt(np.maximum(ss-2*xs+1,1e-12)),xs/np.sqrt(max(ss,1e-12)))
    if kept.sum()<2: out=np.where(kept,0,out)
    return np.clip(out,-1,1)
class Set:
    def __init__(s,V,lab,det,length,trim_least=0):
        s.V=V; s.lab=lab; s.K=lab.max()+1; s.N=len(V); s.det=det; s.len=length
        s.C=np.zeros((s.K,V.shape[1]),np.float32); s.S=np.zeros((s.N,s.K),np.float32)
        s.n=np.bincount(lab,minlength=s.K)
        order=[np.where(lab==k)[0] for k in range(s.K)]; s.members=order
        own=np.zeros(s.N); 
        for k,I in enumerate(order):
            X=V[I]; kept=trimmed(X) if len(I)>=trim_least else np.ones(len(I),bool)
            c=X[kept].sum(0); s.C[k]=c/np.linalg.norm(c); own[I]=loo(X,kept)
        s.S=V@s.C.T; s.S[np.arange(s.N),lab]=own; s.own=own
        s.rho=np.array([np.median(own[I]) for I in order])
        s.G=V@V.T; np.fill_diagonal(s.G,-9)
def top(M,k):
    k2=min(k,M.shape[1]); P=-np.sort(-M,axis=1)[:,:k2]
    if k2<k: P=np.pad(P,((0,0),(0,k-k2)),constant_values=-9)
    return P
def feats(own,other,oc,fc,rho,det,ln,use):
    # oc, fc top-10 own/foreign cosines, -9 missing
    allc=np.concatenate([oc,fc],1); isown=np.concatenate([np.ones_like(oc),np.zeros_like(fc)],1)
    idx=np.argsort(-allc,axis=1,kind='stable')[:,:10]
    c=np.take_along_axis(allc,idx,1); o=np.take_along_axis(isown,idx,1)
    w=np.maximum(c,0)**2; vote=(w*o).sum(1)/np.maximum(w.sum(1),1e-6)
    z=lambda a:np.where(a<-5,0,a)
    s1=z(oc[:,0]); s5=z(oc[:,:5]).mean(1); o1=z(fc[:,0]); o5=z(fc[:,:5]).mean(1)
    F=dict(own=own,other=other,margin=own-other,vote=vote,s1=s1,s5=s5,o1=o1,o5=o5,rho=rho,ownrho=own-rho,det=det,len=ln,
      ownother=own*other,margin2=(own-other)**2,own2=own**2,owndet=own*det,otherdet=other*det,ownlen=own*ln,otherlen=other*ln)
    return np.stack([F[u] for u in use],1)
ALL=['own','other','margin','vote','s1','s5','o1','o5','rho','ownrho','det','len','ownother','margin2','own2','owndet','otherdet','ownlen','otherlen']
def kinds(s,use,seed=0,matemax=.4):
    rng=np.random.default_rng(seed); N,K=s.N,s.K; lab=s.lab; ar=np.arange(N)
    ln=np.log(s.len); det=s.det
    onehot=lab[:,None]==lab[None,:]
    So=s.S.copy(); So[ar,lab]=-9
    near=So.argmax(1); other=So.max(1)
    def mk(R,removed,mates):
        own=s.S[ar,R]
        T=s.S.copy(); T[ar,R]=-9
        if removed: T[ar,lab]=-9
        oth=T.max(1)
        isR=R[:,None]==lab[None,:]
        oc=top(np.where(isR,s.G,-9),10)
        F=np.where(isR,-9,s.G)
        if removed:
            stay=(rng.random((N,N))<mates[:,None]) if mates is not None else np.zeros((N,N),bool)
            F=np.where(onehot&~stay,-9,F)
        fc=top(F,10)
        return feats(own,oth,oc,fc,s.rho[R],det,ln,use)
    rnd=(lab+1+rng.integers(0,K-1,N))%K
    rnd2=(lab+1+rng.integers(0,K-1,N))%K
    rnd3=(lab+1+rng.integers(0,K-1,N))%K
    clean=mk(lab,False,None)
    out=[(clean,0,1.),(mk(rnd,False,None),1,.2),(mk(near,False,None),1,.8),(mk(rnd2,True,None),2,1.),(mk(rnd3,True,rng.random(N)*matemax),3,1.)]
    return out,near,other
def belief(s):
    rng=np.random.default_rng(1); ar=np.arange(s.N)
    R=(s.lab+1+rng.integers(0,s.K-1,s.N))%s.K
    r=s.S[ar,R]; mean,sd=r.mean(),max(r.std(),1e-3)
    So=s.S.copy(); So[ar,s.lab]=-9
    own=(s.own-mean)/sd; oth=(So.max(1)-mean)/sd
    return 1/(1+np.exp(3-2*own))/(1+np.exp(1.5*(oth-own-1)))
def fit(X,y,w,nc,ridge=1.,prior=None,iters=30):
    n,d=X.shape; B=np.zeros((nc-1,d)) if prior is None else prior.copy(); P0=B.copy()
    def loss(B):
        Z=np.c_[np.zeros(n),X@B.T]; return (w*(logsumexp(Z,axis=1)-Z[np.arange(n),y])).sum()+ridge/2*((B-P0)**2)[:,1:].sum()+1e-3*((B-P0)**2)[:,0].sum()
    l=loss(B)
    for _ in range(iters):
        Z=np.c_[np.zeros(n),X@B.T]; P=np.exp(Z-logsumexp(Z,axis=1,keepdims=True))
        Y=np.zeros((n,nc)); Y[np.arange(n),y]=1
        g=((P-Y)*w[:,None])[:,1:].T@X; R=np.full((nc-1,d),ridge); R[:,0]=2e-3
        g+=R*(B-P0)
        H=np.zeros(((nc-1)*d,(nc-1)*d))
        for a in range(nc-1):
            for b in range(nc-1):
                q=w*(P[:,a+1]*((a==b)-P[:,b+1])); H[a*d:(a+1)*d,b*d:(b+1)*d]=(X*q[:,None]).T@X
        H+=np.diag(R.ravel())
        st=np.linalg.solve(H,g.ravel()).reshape(B.shape); t=1.
        while t>1e-6:
            l2=loss(B-t*st)
            if l2<l: break
            t/=2
        if t<=1e-6: break
        done=l-l2<1e-7*max(1,abs(l)); B=B-t*st; l=l2
        if done: break
    return B
def judge(s,use=ALL,seed=0,ridge=1.,full=False):
    kk,near,other=kinds(s,use,seed)
    b=belief(s)
    X=np.concatenate([k[0] for k in kk]); y=np.concatenate([np.full(s.N,k[1]) for k in kk]); w=np.concatenate([b*k[2] for k in kk])
    m=(X*w[:,None]).sum(0)/w.sum(); sd=np.sqrt(((X-m)**2*w[:,None]).sum(0)/w.sum())+1e-6
    Z=lambda X:np.c_[np.ones(len(X)),(X-m)/sd]
    B=fit(Z(X),y,w,4,ridge)
    lo=lambda X:np.c_[np.zeros(len(X)),Z(X)@B.T]
    L=lo(kk[0][0]); sh=np.array([.98,.01,.005,.005])
    E=np.exp(L-L.max(1,keepdims=True))
    for _ in range(200):
        P=E*sh; P/=P.sum(1,keepdims=True); sh=P.mean(0)
    lod=lambda X:(lambda A:logsumexp(A[:,1:],axis=1)-A[:,0])(lo(X)+np.log(np.maximum(sh,1e-9)))
    sc=lod(kk[0][0])
    A=L+np.log(np.maximum(sh,1e-9)); P=np.exp(A-logsumexp(A,axis=1,keepdims=True))
    r=dict(score=sc,p=1-P[:,0],P=P,shares=sh,near=near,other=other)
    if full: r['sim']=[(lod(k[0]),k[1],k[2]) for k in kk]; r['belief']=b
    return r
def ap(y,s):
    o=np.argsort(-s,kind='stable'); y=y[o]; tp=np.cumsum(y); pr=tp/np.arange(1,len(y)+1)
    return (pr*y).sum()/y.sum(), (tp[pr>=.95].max()/y.sum() if (pr>=.95).any() else 0)
def load(name):
    d=dict(np.load('/tmp/g/v-%s.npz'%name)); return d
def natural(name):
    try: return {r['path'] for r in csv.DictReader(open('/work/shared/data/%s/natural.csv'%name))}
    except FileNotFoundError:
        try: return {r['path'] for r in csv.DictReader(open('/tmp/h/bench/bench/quality/natural/%s.csv'%name))}
        except FileNotFoundError: return set()
def plant(name,per,rate,seed,hold=20,mates=0.,hard=0.,least=None,maxids=None,flipshare=.5):
    d=load(name); nat=natural(name); rng=np.random.default_rng(seed)
    ok=np.array([p not in nat for p in d['path']]); 
    ids=sorted(set(d['label'])); mem={k:[] for k in ids}
    for i in np.where(ok)[0]: mem[d['label'][i]].append(i)
    least=least or (per if per else 3)
    ids=[k for k in ids if len(mem[k])>=min(least,per or least)]
    perm=rng.permutation(len(ids)); held=[ids[j] for j in perm[:hold]]; use=[ids[j] for j in perm[hold:]]
    if maxids: use=use[:maxids]
    idx=[];lab=[]
    for k,u in enumerate(sorted(use)):
        m=np.array(mem[u]); 
        if per and len(m)>per: m=rng.permutation(m)[:per]
        idx+=list(m); lab+=[k]*len(m)
    idx=np.array(idx); true=np.array(lab); lab=true.copy(); n=len(idx)
    nf=int(round(rate*flipshare*n)); no=int(round(rate*(1-flipshare)*n))
    sel=rng.permutation(n); fl=sel[:nf]; ol=sel[nf:nf+no]
    K=lab.max()+1
    kind=np.zeros(n,int)
    if hard:
        C=np.array([d['V'][idx[true==k]].mean(0) for k in range(K)]); C/=np.linalg.norm(C,axis=1,keepdims=True); M=C@C.T; np.fill_diagonal(M,-9); nn=M.argmax(1)
        lab[fl]=nn[true[fl]]
    else: lab[fl]=(true[fl]+1+rng.integers(0,K-1,nf))%K
    kind[fl]=1
    pool={h:list(rng.permutation(mem[h])) for h in held}
    if mates:  # persons with several pictures
        picks=[]
        for h in [held[j] for j in rng.permutation(len(held))]:
            m=max(1,int(round(rng.random()*mates*len(pool[h])))); picks+=pool[h][:m]
        # repeat pass until enough
        rest=[p for h in held for p in pool[h] if p not in set(picks)]
        picks+=list(rng.permutation(rest))
    else:
        picks=[];j=0
        while len(picks)<no and any(pool.values()):
            for h in held:
                if pool[h]: picks.append(pool[h].pop())
    picks=np.array(picks[:no],int); ol=ol[:len(picks)]
    idx[ol]=picks; true[ol]=-1; kind[ol]=2
    s=Set(d['V'][idx],lab,np.nan_to_num(d['det'][idx],nan=1.),d['length'][idx])
    return s,kind,true
