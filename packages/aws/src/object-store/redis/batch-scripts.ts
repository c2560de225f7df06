import { commitRecordLua } from "./object-scripts.ts";
import { RedisScript } from "./redis-script.ts";

/**
 * Keys: values. Answers a text for each: version, time, size, ETag, details, tags, one to a line; "" when
 * there is no such metadata, or when the value has to be compared with its hash.
 */
export const metadataScript: RedisScript = new RedisScript(`
local reply={}
for i=1,#KEYS do
  local m=redis.call('HMGET','s3m:{'..KEYS[i]..'}','version','modified','size','etag','details','tags','sha1')
  if m[1] and m[4] and not m[7] then
    reply[i]=m[1]..'\\n'..m[2]..'\\n'..m[3]..'\\n'..m[4]..'\\n'..(m[5] or '')..'\\n'..(m[6] or '')
  else reply[i]='' end
end
return reply`);

/** Keys: values. Answers the version of each one's metadata, or "". */
export const versionScript: RedisScript = new RedisScript(`
local reply={}
for i=1,#KEYS do reply[i]=redis.call('HGET','s3m:{'..KEYS[i]..'}','version') or '' end
return reply`);

/**
 * Writes objects without conditions. Keys: values. Arguments: ttl, mode, and for each value: key of its
 * staged bytes or "", its bytes or "", ETag, time, version, size, details, tags. Answers for each one of
 * `outcomes`, or -1 when it has failed.
 */
export const writeManyScript: RedisScript = new RedisScript(
  `
local call=redis.call
local ttl,mode=ARGV[1],ARGV[2]
local buckets={}
local function write(i)
  local v,at=KEYS[i],i*8-5
  local temp=ARGV[at]
  local slash=string.find(v,'/',1,true)
  local bucket=string.sub(v,1,slash-1)
  local there=buckets[bucket]
  if there==nil then
    there=call('SISMEMBER','s3://',bucket)==1
    buckets[bucket]=there
  end
  if not there then
    if temp~='' then call('DEL',temp) end
    return 0
  end
  local m='s3m:{'..v..'}'
  if temp=='' then
    if ttl=='' then call('SET',v,ARGV[at+1]) else call('SET',v,ARGV[at+1],'PX',ttl) end
  else
    call('RENAME',temp,v)
    if ttl=='' then call('PERSIST',v) else call('PEXPIRE',v,ttl) end
  end
  local etag,modified,version,size,details,tags=ARGV[at+2],ARGV[at+3],ARGV[at+4],ARGV[at+5],ARGV[at+6],ARGV[at+7]
  ${commitRecordLua}
  return 1
end
local reply={}
for i=1,#KEYS do
  local ok,outcome=pcall(write,i)
  reply[i]=ok and outcome or -1
end
return reply`,
);
