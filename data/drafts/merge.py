"""Merges the drafts into a copy of data/:  python3 data/drafts/merge.py COPY_OF_DATA

Then, in the copy's guide.json: "questionsLearnt": 0.1, "asides": 0.12, "hurry": 0.3. Goes with the drafts.
"""
import os,re,shutil,glob
import sys
R=sys.argv[1]
D=R+'/drafts'
for l in 'en','fr':
    for b in 'basics','calculator','limits','manners','shapes':
        p=f'{R}/books/{l}/{b}.book'
        if os.path.exists(p): os.remove(p)
    for p in glob.glob(f'{D}/books/{l}/*.book'): shutil.copy(p,f'{R}/books/{l}/')
shutil.copy(D+'/tools.json',R+'/tools.json')
for p in glob.glob(D+'/tables/*.tsv'):
    n=os.path.basename(p)
    if n=='b_topic.tsv': continue
    if n=='names.tsv':
        rows=[x.split('\t')[0] for x in open(R+'/tables/names.tsv').read().split('\n')[1:] if x]
        rows+=[x.split('\t')[0] for x in open(p).read().split('\n')[1:] if x]
        seen=[]
        for r in rows:
            if r not in seen: seen.append(r)
        open(R+'/tables/names.tsv','w').write('name\tlow\n'+''.join(f'{r}\t{r.lower()}\n' for r in seen)); continue
    shutil.copy(p,R+'/tables/'+n)
SCALE={'beyond':3,'json':4,'tools':2,'calendar':2,'geography':2,'numbers':2,'units':2,'words':2,'talk':4,'self':4,'product':1}
for l in 'en','fr':
    for p in sorted(glob.glob(f'{R}/books/{l}/*.book')):
        b=os.path.basename(p)[:-5]; s=SCALE.get(b,4); out=[]; cur=None
        for x in open(p).read().split('\n'):
            if x.startswith('= '):
                m=re.match(r'= (\S+)(?: \*(\d+))?$',x); cur=m.group(1); w=int(m.group(2) or 1)*s
                if b!='product': x=f'= {cur} *{w}'
            if x.startswith('= math.'): out.append(x); x='- calculator'
            out.append(x)
        open(p,'w').write('\n'.join(out))
# facts tables take the books' answers
MAP={'causerie.gpu':'causerie.gpu','set.kvmemory':'set.kv-memory','set.unload':'set.unload-after','set.share':'set.share-prompts','set.keyfile':'set.api-key-file','set.kv':'set.kv-format','set.weightscache':'set.weights-cache','set.data':'set.data-folder','set.topp':'set.top-p','set.topk':'set.top-k','set.minp':'set.min-p','set.maxtokens':'set.max-tokens','set.repeat':'set.repeat-penalty','set.system':'set.system-prompt','set.sizes':'set.sizes-and-times','model.local':'model.local-file','model.memory':'model.which-memory','model.quant':'model.quantization','model.arch':'model.architectures','model.where':'model.where-kept','model.firststart':'model.loading-slow-first','model.guess':'model.speculation','model.prefix':'model.prefix-cache','api.base':'api.base-url','api.curl':'api.chat','api.models':'api.models-list','api.fields':'api.unsupported-fields','api.schema':'api.json-schema','api.anthropic':'api.anthropic-ollama','receipt.same':'receipt.same-answer','page.where':'page.where-kept','page.delete':'page.export-or-delete','err.port':'err.port-in-use','err.nomodel':'err.no-model','err.notfound':'err.model-not-found','err.overloaded':'err.overloaded-503','err.context':'err.context-exceeded-400','err.unavailable':'err.model-unavailable','err.unsupported':'err.unsupported-parameter','err.badfile':'err.bad-file','err.memory':'err.out-of-memory','err.key':'err.401-key','err.pull':'err.pull-failed','err.sdk':'err.sdk-missing','err.filecut':'err.file-cut','err.wrong':'err.answer-wrong','err.ctrlc':'err.stop-with-ctrl-c'}
for l in 'en','fr':
    ans={}
    for p in glob.glob(f'{R}/books/{l}/*.book'):
        cur=None
        for x in open(p).read().split('\n'):
            if x.startswith('= '): cur=x[2:].split(' ')[0]
            elif x.startswith('! ') and cur and cur not in ans: ans[cur]=[x[2:]]
            elif x.startswith('  ') and cur in ans and len(ans[cur])<9 and last.startswith(('! ','  ')) and not done: ans[cur].append(x[2:])
            if not x.startswith(('! ','  ')) and cur in ans: done=True
            if x.startswith('= '): done=False
            last=x
    p=f'{R}/tables/facts_{l}.tsv'; rows=open(p).read().rstrip('\n').split('\n'); out=[rows[0]]; miss=[]; multi=[]
    for r in rows[1:]:
        c=r.split('\t'); k=MAP.get(c[0],c[0])
        if k in ans:
            if len(ans[k])>1 or '[[' in ans[k][0] or '<<' in ans[k][0]: multi.append((k,ans[k]))
            else: c[-1]=ans[k][0]
        else: miss.append(c[0])
        out.append('\t'.join(c))
    open(p,'w').write('\n'.join(out)+'\n')
    rows=[r for r in open(p).read().split('\n') if r.split('\t')[0] not in ('api.curl','api.csharp','api.python')]
    open(p,'w').write('\n'.join(rows))
    print(l,'missing',miss,'multi',[m[0] for m in multi])
