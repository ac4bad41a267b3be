from rec2 import *
import sys
COL={'celeba-mini':['celeba20','celeba8','celeba4'],'vggface2-mini':['vgg','vgg20','vgg8','vgg4'],'facescrub-mini':['fs4'],'lfw':['lfw4']}
grid.CELLS['vgg8']=dict(name='vggface2-mini',least=10,per=8,outsider='celeba-mini')
grid.CELLS['vgg4']=dict(name='vggface2-mini',least=10,per=4,outsider='celeba-mini')
def prior_without(col,use=BASE,ridge=1.,seeds=(100,101,102)):
    sets=[]
    for k,cs in COL.items():
        if k==col: continue
        for c in cs:
            for sd in seeds:
                for hard in (0,):
                    s,kind,true=plant2(seed=sd,**CELLS[c]); sets.append((s,kind==0,3000./s.N/len(cs)))
    return makeprior(sets,use,ridge)
if __name__=='__main__':
    seeds=range(10)
    P={k:prior_without(k) for k in COL}
    cells=['celeba20','celeba8','celeba4','celeba20h','celeba20m','vgg20','fs4','lfw4','celeba20r1']
    data={(c,s):plant2(seed=s,**CELLS[c]) for c in cells for s in seeds}
    print('prior ready',flush=True)
    def run(tag,f):
        out=[]
        for c in cells:
            R=[]
            for sd in seeds:
                s,kind,true=data[c,sd]; R.append(ap((kind>0).astype(float),f(s,P[CELLS[c]['name']])))
            out.append('%s %.4f/%.3f'%(c,*np.mean(R,0)))
        print('%-14s'%tag,' '.join(out),flush=True)
    def mar(s,_):
        So=s.S.copy(); So[np.arange(s.N),s.lab]=-9
        return So.max(1)-s.own
    run('margin',mar); run('recipe',lambda s,_:judge(s)['score'])
    run('prior only',lambda s,p:judge2(s,p,own=False)['score'])
    for r in (1,10,30,100): run('prior+%g'%r,lambda s,p:judge2(s,p,ridge=r)['score'])
