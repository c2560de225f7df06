import { RedisScript } from "./redis-script.ts";

// Only the values' keys are given as keys: those of metadata and index follow from them, which a single
// Redis allows. The bucket is what is before the first "/": bucket names have none.

/** Answers of scripts that write. `unknown`: an ETag is compared that nobody has written down. */
export const outcomes = { noBucket: 0, done: 1, noKey: 2, condition: 3, unknown: 4 } as const;

/** `v`: key of the value, `m`: of its metadata. */
export const namesLua = `
local call=redis.call
local v=KEYS[1]
local slash=string.find(v,'/',1,true)
local bucket=string.sub(v,1,slash-1)
local m='s3m:{'..v..'}'
`;

/**
 * Sets `refusal` when the condition `cond` does not hold: "" for none, "!" for "there is no object", "!!"
 * for what cannot hold, "*" for "there is one", "=" and its ETag. An ETag that is not known, because others
 * wrote the value, is computed by the caller, who gives the SHA-1 of what it read as `guard`.
 */
export const conditionLua = `
local refusal
if cond and cond~='' then
  local there=call('EXISTS',v)==1
  if cond=='!' or cond=='!!' then
    if there then refusal=3 elseif cond=='!!' then refusal=2 end
  elseif not there then refusal=2
  elseif cond~='*' then
    local known=call('HMGET',m,'etag','size','sha1')
    if known[1] and tonumber(known[2])==call('STRLEN',v)
      and (not known[3] or redis.sha1hex(call('GET',v))==known[3]) then
      if known[1]~=string.sub(cond,2) then refusal=3 end
    elseif guard=='' or redis.sha1hex(call('GET',v))~=guard then refusal=4 end
  end
end
`;

/** Writes what is known of a value, and its place in the index. */
export const commitRecordLua = `
call('DEL',m)
if details=='' and tags=='' then
  call('HSET',m,'etag',etag,'modified',modified,'version',version,'size',size)
elseif tags=='' then
  call('HSET',m,'etag',etag,'modified',modified,'version',version,'size',size,'details',details)
else
  call('HSET',m,'etag',etag,'modified',modified,'version',version,'size',size,'tags',tags)
  if details~='' then call('HSET',m,'details',details) end
end
if mode=='index' then call('ZADD','s3i:'..bucket,0,string.sub(v,slash+1))
else call('HSET',m,'sha1',redis.sha1hex(call('GET',v))) end
if ttl~='' then call('PEXPIRE',m,ttl) end
`;

/**
 * Makes the staged value `temp` the object, with metadata and index. Arguments: ETag, time, version,
 * size, details, tags; `ttl` in milliseconds or "", `mode` "index" or "scan". It begins with a write that
 * needs no memory: what follows may not fail for the lack of it.
 */
export const commitLua: string = `
call('RENAME',temp,v)
if ttl=='' then call('PERSIST',v) else call('PEXPIRE',v,ttl) end
local etag,modified,version,size,details,tags=ARGV[1],ARGV[2],ARGV[3],ARGV[4],ARGV[5],ARGV[6]
${commitRecordLua}`;

/** Keys: value, staged value. Arguments: those of `commitLua`, ttl, mode, condition, guard. */
export const writeScript: RedisScript = new RedisScript(`${namesLua}
local temp,ttl,mode,cond,guard=KEYS[2],ARGV[7],ARGV[8],ARGV[9],ARGV[10]
if call('SISMEMBER','s3://',bucket)==0 then call('DEL',temp) return 0 end
${conditionLua}
if refusal then
  if refusal~=4 then call('DEL',temp) end
  return refusal
end
${commitLua}
return 1`);

/** Key: value. Arguments: condition, guard. */
export const deleteScript: RedisScript = new RedisScript(`${namesLua}
local cond,guard=ARGV[1],ARGV[2]
if call('SISMEMBER','s3://',bucket)==0 then return 0 end
${conditionLua}
if refusal then return refusal end
call('UNLINK',v,m)
call('ZREM','s3i:'..bucket,string.sub(v,slash+1))
return 1`);

/** Key: value. Argument: tags. The metadata of a value of others is made, without ETag. */
export const setTagsScript: RedisScript = new RedisScript(`${namesLua}
if call('SISMEMBER','s3://',bucket)==0 then return 0 end
if call('EXISTS',v)==0 then return 2 end
local size=call('STRLEN',v)
local known=call('HMGET',m,'size','sha1')
if tonumber(known[1])~=size or (known[2] and redis.sha1hex(call('GET',v))~=known[2]) then
  call('DEL',m)
  call('HSET',m,'size',size)
  local left=call('PTTL',v)
  if left>0 then call('PEXPIRE',m,left) end
end
if ARGV[1]=='' then call('HDEL',m,'tags') else call('HSET',m,'tags',ARGV[1]) end
return 1`);

/**
 * Key: value. Arguments: "none", "whole" or "range", and for a range its bounds as GETRANGE takes them.
 * Answers 0 or 2 (see `outcomes`), or: whether the metadata is that of the value, bytes, ETag, time,
 * size, details, tags. Bytes are always all of them when the metadata is not.
 */
export const readScript: RedisScript = new RedisScript(`${namesLua}
if call('SISMEMBER','s3://',bucket)==0 then return 0 end
if call('EXISTS',v)==0 then return 2 end
local size=call('STRLEN',v)
local known=call('HMGET',m,'etag','modified','details','tags','size','sha1')
local fits=tonumber(known[5])==size
local value
if fits and known[6] then
  value=call('GET',v)
  fits=redis.sha1hex(value)==known[6]
end
if fits and known[1] then
  local bytes=''
  if ARGV[1]=='whole' then bytes=value or call('GET',v)
  elseif ARGV[1]=='range' then bytes=call('GETRANGE',v,ARGV[2],ARGV[3]) end
  return {1,bytes,known[1],known[2],size,known[3] or '',known[4] or ''}
end
return {0,value or call('GET',v),'','',size,'',(fits and known[4]) or ''}`);
