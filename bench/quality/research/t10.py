from few2 import *
import rec
PF=pickle.load(open('PF.pkl','rb'))
def soft(s,most,power=1,rounds=1,floor=.02):
    t=Set.__new__(Set); t.__dict__.update(s.__dict__)
    C=s.C.copy(); own=s.own.copy()
    for k,I in enumerate(s.members):
        n=len(I)
        if n<2 or n>most: continue
        X=s.V[I]; w=np.ones(n)
        for r in range(rounds+1):
            c=(X*w[:,None]).sum(0); R=c[None]-X*w[:,None]; o=np.clip((X*R).sum(1)/np.maximum(np.linalg.norm(R,axis=1),1e-9),-1,1)
            if r<rounds: w=np.maximum(o,floor)**power
        C[k]=c/np.linalg.norm(c); own[I]=o
    t.C=C; t.S=s.V@C.T; t.S[np.arange(s.N),s.lab]=own; t.own=own; t.rho=np.array([np.median(own[I]) for I in s.members]); return t
if __name__=='__main__':
    cells=['celeba20','celeba8','celeba4','celeba20h','vgg20']
    data={(c,sd):plant2(seed=sd,**CELLS[c]) for c in cells for sd in range(8)}
    for tag,f in (('none',lambda s:s),('soft8',lambda s:soft(s,8)),('soft8 p2',lambda s:soft(s,8,2)),('soft8 r2',lambda s:soft(s,8,1,2)),('soft all',lambda s:soft(s,9999)),('soft all p2',lambda s:soft(s,9999,2)),('soft all p2r2',lambda s:soft(s,9999,2,2)),('soft all p3r2',lambda s:soft(s,9999,3,2))):
        o=[]
        for c in cells:
            R=[ap((data[c,sd][1]>0).astype(float),judge2(f(data[c,sd][0]),PR[CELLS[c]['name']],ridge=30)['score']) for sd in range(8)]
            o.append('%s %.4f/%.3f'%(c,*np.mean(R,0)))
        print('%-12s'%tag,' '.join(o),flush=True)
