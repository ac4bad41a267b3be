from cal import *
def few(name,seed,K=3,n=6):
    d=L(name); nat=NAT(name); rng=np.random.default_rng(seed+5000)
    mem={}
    for i,(p,l) in enumerate(zip(d['path'],d['label'])):
        if p not in nat: mem.setdefault(l,[]).append(i)
    good=[k for k in sorted(mem) if len(mem[k])>=n]; pick=list(rng.permutation(good)[:K]); 
    oth=[k for k in sorted(mem) if k not in pick]
    idx=[];lab=[]
    for k,u in enumerate(pick): idx+=list(rng.permutation(mem[u])[:n]); lab+=[k]*n
    idx=np.array(idx);lab=np.array(lab);true=lab.copy();kind=np.zeros(len(lab),int)
    a,b=rng.permutation(len(lab))[:2]
    lab[a]=(lab[a]+1+rng.integers(K-1))%K; kind[a]=1
    o=oth[rng.integers(len(oth))]; idx[b]=mem[o][rng.integers(len(mem[o]))]; true[b]=-1; kind[b]=2
    return Set(d['V'][idx],lab,np.nan_to_num(d['det'][idx],nan=.9).astype(float),d['length'][idx].astype(float)),kind,true
if __name__=='__main__':
    PR={k:prior_without(k,seeds=(100,)) for k in COL}
    import pickle; pickle.dump(PR,open('PR.pkl','wb'))
    for K in (3,2,5,12):
      for name in ('celeba-mini','facescrub-mini','lfw'):
        for ridge in (30,300):
            ff=fr=sn=cl=cr=N=0;ss=[]
            for sd in range(50):
                s,kind,true=few(name,sd,K); r=final(s,PR[name],ridge=ridge,full=False); p=r['p']
                f=np.where(kind==1)[0][0]; st=np.where(kind==2)[0][0]
                ff+=p[f]>=.5; fr+=(p[f]>=.5)&(r['near'][f]==true[f]); sn+=p[st]>=.5; c=kind==0
                cl+=(p[c]>=.95).sum(); cr+=(p[c]>=.5).sum(); N+=c.sum()
            print(K,name,ridge,'flip %.2f right %.2f stranger not kept %.2f clean drop %.3f%% review %.2f%%'%(ff/50,fr/50,sn/50,100*cl/N,100*cr/N),flush=True)
