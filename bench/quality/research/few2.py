from few import *
import pickle, rec2, sys
PR=pickle.load(open('PR.pkl','rb'))
def fewset(name,seed):
    rng=np.random.default_rng(seed+900); K=int(rng.choice([2,3,4,6,10])); n=int(rng.choice([4,6,10,20]))
    # noise at 10%
    d=L(name); nat=NAT(name); mem={}
    for i,(p,l) in enumerate(zip(d['path'],d['label'])):
        if p not in nat: mem.setdefault(l,[]).append(i)
    good=[k for k in sorted(mem) if len(mem[k])>=4]; pick=list(rng.permutation(good)[:K]); oth=[k for k in sorted(mem) if k not in pick]
    idx=[];lab=[]
    for k,u in enumerate(pick): m=list(rng.permutation(mem[u])[:n]); idx+=m; lab+=[k]*len(m)
    idx=np.array(idx);lab=np.array(lab);N=len(lab);kind=np.zeros(N,int)
    for i in range(N):
        q=rng.random()
        if q<.05: lab[i]=(lab[i]+1+rng.integers(K-1))%K; kind[i]=1
        elif q<.1: o=oth[rng.integers(len(oth))]; idx[i]=mem[o][rng.integers(len(mem[o]))]; kind[i]=2
    if len(set(lab))<K: return fewset(name,seed+7777)
    return Set(d['V'][idx],lab,np.nan_to_num(d['det'][idx],nan=.9).astype(float),d['length'][idx].astype(float)),kind
def priorfew(col,n=60,truth=True):
    XX=[];yy=[];ww=[]
    for k in COL:
        if k==col: continue
        for sd in range(n):
            s,kind=fewset(k,sd); kk,_,_=kinds2(s); X,y,w=stack(kk,(kind==0).astype(float)); XX.append(X);yy.append(y);ww.append(w)
    X=np.concatenate(XX);y=np.concatenate(yy);w=np.concatenate(ww); base=PR[col]
    B=fit(np.c_[np.ones(len(X)),(X-base['m'])/base['sd']],y,w,4,10.,prior=base['B'])
    return dict(m=base['m'],sd=base['sd'],B=B,use=BASE)
if __name__=='__main__':
    PF={k:priorfew(k) for k in COL}; pickle.dump(PF,open('PF.pkl','wb'))
    import rec2
    em0=rec2.em
    for tag,pr,p0,pc in (('few',PF,[.98,.01,.005,.005],5),('few p.05',PF,[.94,.02,.03,.01],5),('few p.05 pc20',PF,[.94,.02,.03,.01],20),('many p.05 pc20',PR,[.94,.02,.03,.01],20)):
        rec2.em=lambda Lo,sh=None,**k: em0(Lo,pc=pc,p0=np.array(p0))
        import cal; cal.judge2.__globals__['em']=rec2.em
        for K in (2,3,12):
          for name in ('celeba-mini','facescrub-mini','lfw'):
            ff=fr=sn=cl=cr=N=0
            for sd in range(50):
                s,kind,true=few(name,sd,K); r=final(s,pr[name],ridge=30,full=False); p=r['p']
                f=np.where(kind==1)[0][0]; st=np.where(kind==2)[0][0]
                ff+=p[f]>=.5; fr+=(p[f]>=.5)&(r['near'][f]==true[f]); sn+=p[st]>=.5; c=kind==0
                cl+=(p[c]>=.95).sum(); cr+=(p[c]>=.5).sum(); N+=c.sum()
            print(tag,K,name,'flip %.2f right %.2f stranger not kept %.2f clean drop %.3f%% review %.2f%%'%(ff/50,fr/50,sn/50,100*cl/N,100*cr/N),flush=True)
