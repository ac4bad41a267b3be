from t4 import *
import rec2
def own_pass(s,p):
    """Own scores again, against the label's centroid weighted by 1-p; other centroids stay."""
    t=Set.__new__(Set); t.__dict__.update(s.__dict__)
    w=np.maximum(1-p,1e-3); S=s.S.copy(); own=s.own.copy()
    for k,I in enumerate(s.members):
        if len(I)<2: continue
        X=s.V[I]; wk=w[I][:,None]; c=(X*wk).sum(0)
        R=c[None]-X*wk; own[I]=np.clip((X*R).sum(1)/np.maximum(np.linalg.norm(R,axis=1),1e-9),-1,1)
    S[np.arange(s.N),s.lab]=own; t.S=S; t.own=own; t.rho=np.array([np.median(own[I]) for I in s.members])
    return t
def final(s,p,ridge=30,passes=2,full=True):
    r=judge2(s,p,ridge=ridge,full=full)
    for _ in range(passes-1):
        t=own_pass(s,r['p']); r=judge2(t,p,ridge=ridge,full=full)
    return r
def pav(y,w):
    v=[];W=[];c=[]
    for a,b in zip(y,w):
        v.append(a);W.append(b);c.append(1)
        while len(v)>1 and v[-2]>=v[-1]:
            s=W[-2]+W[-1]; v[-2]=(v[-2]*W[-2]+v[-1]*W[-1])/s; W[-2]=s; c[-2]+=c[-1]; v.pop();W.pop();c.pop()
    return v,W,c
def count(r,N,prior_n=1.,lo=.3,hi=.9):
    real=r['score']; sh=r['shares']
    sc=[];w=[]
    fl=sh[1];st=sh[2];ma=sh[3]
    for (l,k,wt) in r['sim'][1:]:
        ww=r['belief']*wt*{1:fl,2:st,3:ma}[k]; 
        sc.append(l); w.append(ww/ (1 if k!=1 else 1))
    sc=np.concatenate(sc); w=np.concatenate(w); w=w/w.sum()
    o=np.argsort(-sc); ss=sc[o]; cw=np.cumsum(w[o])
    rs=np.sort(real)
    ts=[ss[np.searchsorted(cw,q)] for q in np.linspace(lo,hi,61)]
    ps=np.array([cw[np.searchsorted(-ss,-t,side='right')-1] for t in ts]); pr=np.array([(N-np.searchsorted(rs,t,side='left'))/N for t in ts])
    rat=(pr*N+.5)/(N*ps); share=rat.min()
    # isotonic
    A=np.concatenate([sc,real]); Y=np.concatenate([np.ones(len(sc)),np.zeros(N)]); W=np.concatenate([w*share*N,np.ones(N)])
    o=np.argsort(A,kind='stable'); v,WW,c=pav(Y[o],W[o])
    g=np.repeat(v,c); p=np.empty(len(A)); p[o]=np.minimum(g/np.maximum(1-g,1e-9),1)
    preal=p[len(sc):]
    psim_above=lambda t:w[sc>=t].sum()
    return share,preal,psim_above
def ece(y,p,bins=20):
    b=np.minimum((p*bins).astype(int),bins-1); return sum(abs((y[b==k]-p[b==k]).sum()) for k in range(bins))/len(y)
if __name__=='__main__':
    import sys
    cells=['celeba20','celeba8','celeba4','celeba20h','celeba20m','vgg20','lfw4','celeba20r1','celeba20r30','vgg']
    PR={}
    for c in cells:
        col=CELLS[c]['name']
        if col not in PR: PR[col]=prior_without(col)
        R=[]
        for sd in range(6):
            s,kind,true=plant2(seed=sd,**CELLS[c]); y=(kind>0).astype(float)
            r=final(s,PR[col]); share,p,pa=count(r,s.N)
            tot=0; 
            fl=(r['p']>=.95); fl2=p>=.95; t=r['score'][fl2].min() if fl2.any() else 99
            R.append((*ap(y,r['score']),1-r['shares'][0],share,y.mean(),ece(y,r['p']),ece(y,p),100*((y==0)&fl).mean(),100*((y==0)&fl2).mean(),
              (1-r['p'])[fl].sum(),((y==0)&fl).sum(),max(0,fl2.sum()-share*s.N*pa(t)),((y==0)&fl2).sum(),(y*fl).sum()/y.sum(),(y*fl2).sum()/y.sum()))
        R=np.array(R).mean(0)
        print('%-11s ap %.4f r %.3f | rate em %.4f cnt %.4f true %.4f | ece %.4f cnt %.4f | clean>=.95%% %.2f cnt %.2f | ff exp %.1f real %.1f; cnt exp %.1f real %.1f | rec.95 %.3f %.3f'%((c,)+tuple(R)),flush=True)
