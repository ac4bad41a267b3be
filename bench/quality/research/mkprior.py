from fin import *
import json
N=['own','other','vote','best_own_image','five_own_images','best_other_image','five_other_images','typical_own','detector','length','own_squared','other_squared','own_other','own_detector','other_detector','own_length','other_length']
def f(x,c=0.): d=dict(zip(N,[float('%.6g'%v) for v in x])); d['constant']=float('%.6g'%c); return d
def W(B): return dict(zip(['flip','outlier','outlier_in_company'],[f(b[1:],b[0]) for b in B]))
def dump(many,few,name,cols,path):
    json.dump(dict(name=name,collections=cols,units=dict(impostor_mean=.02,impostor_spread=.115,log_length=2.83),feature_center=f(many['m']),feature_scale=f(many['sd'],1.),weights=W(many['B']),few_weights=W(few['B']),calibration=dict(intercept=0,slope=1)),open(path,'w'),indent=2,sort_keys=True)
many,few=train(None); dump(many,few,'generic-1',sorted(COL),'/tmp/h/judge/cluster/labelnoise/prior.json')
P=pickle.load(open('P.pkl','rb'))
for k in P: dump(*P[k],'without-'+k,[c for c in sorted(COL) if c!=k],'/tmp/g/prior-without-%s.json'%k)
