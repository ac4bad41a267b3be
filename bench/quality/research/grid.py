from rec import *
import functools
@functools.lru_cache(None)
def L(n): return load(n)
@functools.lru_cache(None)
def NAT(n): return natural(n)
def h(s,seed): return int.from_bytes(hashlib.sha256(('%d %s'%(seed,s)).encode()).digest()[:8],'big')
def plant2(name,per=None,rate=.1,seed=0,least=3,hold=20,outsider=None,mates=0.,hard=0.,flips=.5,ids=None,half=None,mode='swap'):
    d=L(name); nat=NAT(name); rng=np.random.default_rng(seed)
    names=sorted(set(d['label'])); mem={k:[] for k in names}
    for i,(p,l) in enumerate(zip(d['path'],d['label'])):
        if p not in nat: mem[l].append(i)
    good=[k for k in names if len(mem[k])>=least]
    good=list(rng.permutation(good))
    V,det,ln=d['V'],d['det'],d['length']
    if outsider is None:
        held,use=good[:hold],good[hold:]; pools=[list(rng.permutation(mem[k])) for k in held]; off=0
    else:
        o=L(outsider); use=good; off=len(V)
        om={}
        for i,(p,l) in enumerate(zip(o['path'],o['label'])):
            if p not in NAT(outsider): om.setdefault(l,[]).append(i+off)
        pools=[list(rng.permutation(om[k])) for k in rng.permutation(sorted(om))]
        V=np.concatenate([V,o['V']]); det=np.concatenate([det,o['det']]); ln=np.concatenate([ln,o['length']])
    if ids: use=use[:ids]
    idx=[];lab=[]
    for k,u in enumerate(sorted(use)):
        m=rng.permutation(mem[u]); m=m[:per] if per else m
        idx+=list(m); lab+=[k]*len(m)
    idx=np.array(idx); true=np.array(lab); lab=true.copy(); n=len(idx); K=lab.max()+1
    nf=int(round(rate*flips*n)); no=int(round(rate*n))-nf
    sel=rng.permutation(n); fl=sel[:nf]; ol=sel[nf:nf+no]
    kind=np.zeros(n,int)
    nh=int(round(hard*nf))
    C=np.array([V[idx[true==k]].mean(0) for k in range(K)]); C/=np.linalg.norm(C,axis=1,keepdims=True); Mx=C@C.T; np.fill_diagonal(Mx,-9); nn=Mx.argmax(1)
    lab[fl]=(true[fl]+1+rng.integers(0,K-1,nf))%K if K>1 else 0
    if mode=='swap' and not hard and len(fl)>2:
        import rec2; lab[fl]=rec2.swap(lab,true,fl,rng)
    lab[fl[:nh]]=nn[true[fl[:nh]]]
    kind[fl]=1
    picks=[]
    if mates:
        for P in pools:
            m=max(1,int(round(rng.random()*mates*len(P)))); picks+=P[:m]
        used=set(picks); picks+= [P[-1] for P in pools if P[-1] not in used]
    else:
        for r in range(max(map(len,pools))):
            picks+=[P[r] for P in pools if len(P)>r]
            if len(picks)>=no: break
    picks=np.array(picks[:no],int); ol=ol[:len(picks)]
    idx[ol]=picks; true[ol]=-1; kind[ol]=2
    # drop labels w/o images
    _,lab2=np.unique(lab,return_inverse=True)
    tm=np.full(K+1,-1); 
    for a,b in zip(lab,lab2): tm[a]=b
    true2=np.where(true>=0,tm[np.maximum(true,0)],-1)
    s=Set(V[idx],lab2,np.nan_to_num(det[idx],nan=.9).astype(float),ln[idx].astype(float))
    return s,kind,true2
CELLS={
 'celeba20':dict(name='celeba-mini',per=20,least=15),
 'celeba20m':dict(name='celeba-mini',per=20,least=15,mates=.4),
 'celeba20r1':dict(name='celeba-mini',per=20,least=15,rate=.01),
 'celeba20r30':dict(name='celeba-mini',per=20,least=15,rate=.3),
 'celeba20h':dict(name='celeba-mini',per=20,least=15,hard=1.,flips=1.),
 'celeba8':dict(name='celeba-mini',per=8,least=8),
 'celeba4':dict(name='celeba-mini',per=4,least=4),
 'vgg':dict(name='vggface2-mini',least=10,outsider='celeba-mini'),
 'vgg20':dict(name='vggface2-mini',least=10,per=20,outsider='celeba-mini'),
 'fs4':dict(name='facescrub-mini',least=4,hold=40),
 'lfw4':dict(name='lfw',least=4,hold=40,per=30),
}
