import { commitRecordLua } from "./object-scripts.ts";
import { RedisScript } from "./redis-script.ts";

/** What is between the records in the answer of `recordsScript`; no record has it. */
export const recordsSeparator = "\u001e";

/** Keys: values. Answers the record of each one (see `recordText`), "" where there is none, in one text. */
export const recordsScript: RedisScript = new RedisScript(`
local call=redis.pcall
local reply={}
for i=1,#KEYS do
  local record=call('HGET','s3m:{'..KEYS[i]..'}','object')
  reply[i]=type(record)=='string' and record or ''
end
return table.concat(reply,'\\30')`);

/**
 * Writes objects without conditions. Keys: values. Arguments: ttl, mode, and for each value the key of its
 * staged bytes, and its record. Answers for each one of `outcomes`, or -1 when it has failed. Nothing that
 * was staged is left.
 */
export const writeManyScript: RedisScript = new RedisScript(`
local call=redis.call
local sub,find=string.sub,string.find
local ttl,mode=ARGV[1],ARGV[2]
local buckets={}
local plain=ttl=='' and mode=='index'
local function write(v,temp,record)
  local slash=find(v,'/',1,true)
  local bucket=sub(v,1,slash-1)
  local index=buckets[bucket]
  if index==nil then
    index=call('SISMEMBER','s3://',bucket)==1 and 's3i:'..bucket
    buckets[bucket]=index
  end
  if not index then
    call('DEL',temp)
    return 0
  end
  local m='s3m:{'..v..'}'
  if plain then
    -- First what can fail. Where the field was there, the key is in the index.
    local isNew=call('HSET',m,'object',record)==1
    call('RENAME',temp,v)
    if isNew then call('ZADD',index,'0',sub(v,slash+1)) end
    if not isNew or call('HLEN',m)>1 then
      call('PERSIST',m)
      if isNew then call('HDEL',m,'scanned') end
    end
    return 1
  end
  call('RENAME',temp,v)
  if ttl~='' then call('PEXPIRE',v,ttl) end
  ${commitRecordLua}
  return 1
end
local reply={}
for i=1,#KEYS do
  local temp=ARGV[i*2+1]
  local ok,outcome=pcall(write,KEYS[i],temp,ARGV[i*2+2])
  if not ok then redis.pcall('DEL',temp) end
  reply[i]=ok and outcome or -1
end
return reply`);
