import numpy as np, pyarrow as pa, pyarrow.ipc as ipc, glob, json, os, csv
S='/tmp/g/dstore'
def table(p):
    return ipc.open_file(p).read_all()
out={}
for run in glob.glob(S+'/runs/*'):
    src=json.load(open(run+'/source.json'))
    url=src['sources'][0]['url']
    name=os.path.basename(url.rstrip('/'))
    t=pa.concat_tables([table(p) for p in sorted(glob.glob(run+'/report/images/*.arrow'))])
    d=t.to_pydict()
    objs={}
    V=[];keep=[];ln=[];mi=[]
    for i,(o,r) in enumerate(zip(d['vector_object'],d['vector_row'])):
        if o is None or d['error'][i] or d['duplicate_of'][i] is not None: continue
        if o not in objs:
            tb=table(S+'/'+o); 
            v=tb.column('vector').combine_chunks(); 
            lm=tb.column('landmarks').to_pylist()
            vals=np.frombuffer(v.values.buffers()[1],dtype=np.float16)
            dim=v.type.list_size
            objs[o]=(vals.reshape(-1,dim).astype(np.float32),lm)
        V.append(objs[o][0][r]); keep.append(i); ln.append(objs[o][1][r][9] if objs[o][1][r] else np.nan); mi.append(objs[o][1][r][8] if objs[o][1][r] else np.nan)
    V=np.array(V); V/=np.linalg.norm(V,axis=1,keepdims=True)
    np.savez('/tmp/g/v-%s.npz'%name,V=V,path=np.array([d['path'][i] for i in keep]),label=np.array([d['identity'][i] for i in keep]),
      det=np.array([d['det_score'][i] if d['det_score'][i] is not None else np.nan for i in keep],dtype=np.float32),length=np.array(ln,dtype=np.float32),mirror=np.array(mi,dtype=np.float32))
    print(name,V.shape,len(set(d['identity'])),np.nanmedian(ln))
