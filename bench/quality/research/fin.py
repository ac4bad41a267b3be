from t10 import *
import rec2, cal
USE=['own','other','vote','s1','s5','o1','o5','rho','det','len','own2','other2','ownother','owndet','otherdet','ownlen','otherlen']
def units2(s,n0=3,mu0=.02,sd0=.115):
    mu,sd=units0(s); K=s.K; return (K*mu+n0*mu0)/(K+n0),(K*sd+n0*sd0)/(K+n0)
units0=rec2.units
for m in (rec2,): m.units=units2
judge2.__globals__['units']=units2; kinds2.__globals__['units']=units2
FEWK=20
def train(col,seeds=(100,101,102),few=60):
    sets=[]
    for k,cs in COL.items():
        if k==col: continue
        for c in cs:
            for sd in seeds:
                s,kind,true=plant2(seed=sd,**CELLS[c]); s=soft(s,8); sets.append((s,kind==0,3000./s.N/len(cs)))
    many=makeprior(sets,USE)
    XX=[];yy=[];ww=[]
    for k in COL:
        if k==col: continue
        for sd in range(few):
            s,kind=fewset(k,sd); s=soft(s,8); kk,_,_=kinds2(s,use=USE); X,y,w=stack(kk,(kind==0).astype(float)); XX.append(X);yy.append(y);ww.append(w)
    X=np.concatenate(XX);y=np.concatenate(yy);w=np.concatenate(ww)
    B=fit(np.c_[np.ones(len(X)),(X-many['m'])/many['sd']],y,w,4,10.,prior=many['B'])
    return many,dict(m=many['m'],sd=many['sd'],B=B,use=USE)
em0=rec2.em
def jf(s,pr,ridge=30,full=False):
    s=soft(s,8); f=s.K<FEWK
    g=judge2.__globals__
    g['em']=(lambda Lo: em0(Lo,pc=5,p0=np.array([.94,.02,.03,.01]))) if f else (lambda Lo: em0(Lo,pc=5))
    return judge2(s,pr[1] if f else pr[0],ridge=ridge,full=full)
if __name__=='__main__':
    P={k:train(k) for k in COL}; pickle.dump(P,open('P.pkl','wb'))
    for K in (2,3,12):
      for name in ('celeba-mini','facescrub-mini','lfw'):
        ff=fr=sn=cl=cr=N=0
        for sd in range(50):
            s,kind,true=few(name,sd,K); r=jf(s,P[name]); p=r['p']
            f=np.where(kind==1)[0][0]; st=np.where(kind==2)[0][0]
            ff+=p[f]>=.5; fr+=(p[f]>=.5)&(r['near'][f]==true[f]); sn+=p[st]>=.5; c=kind==0
            cl+=(p[c]>=.95).sum(); cr+=(p[c]>=.5).sum(); N+=c.sum()
        print('few',K,name,'flip %.2f right %.2f stranger not kept %.2f clean drop %.3f%% review %.2f%%'%(ff/50,fr/50,sn/50,100*cl/N,100*cr/N),flush=True)
    for c in ['celeba20','celeba8','celeba4','celeba20h','celeba20r1','vgg20','vgg','lfw4','fs4']:
        A=[];S_=[];Y=[];F=[];sug=[]
        for sd in range(8):
            s,kind,true=plant2(seed=sd,**CELLS[c]); r=jf(s,P[CELLS[c]['name']]); y=kind>0
            A.append((*ap(y.astype(float),r['score']),(1-r['shares'][0])/y.mean())); S_.append(r['p']);Y.append(y)
            fl=r['p']>=.95; F.append(((1-r['p'])[fl].sum(),(fl&~y).sum(),fl.sum()))
            isf=kind==1; rel=r['P'][:,1]>=.95; ok=r['near']==true
            sug.append((isf.sum(),(isf&(r['P'][:,1]>r['P'][:,2:].sum(1))&(r['p']>=.5)).sum(),(isf&(r['p']>=.5)&ok).sum(),rel.sum(),(rel&ok).sum()))
        p=np.concatenate(S_);y=np.concatenate(Y).astype(float);A=np.array(A);F=np.array(F).sum(0);g=np.array(sug).sum(0)
        print('%-11s ap %.4f se %.4f r %.3f rate/true %.3f+-%.3f ece %.4f clean>=.95 %.3f%% ff exp %.1f real %d of %d | flips %d typed %d near right %d relabel %d right %d'%(c,A[:,0].mean(),A[:,0].std(ddof=1)/8**.5,A[:,1].mean(),A[:,2].mean(),A[:,2].std(ddof=1),ece(y,p),100*F[1]/len(p),F[0],F[1],F[2],*g),flush=True)
