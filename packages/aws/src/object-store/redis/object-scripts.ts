import { RedisScript } from "./redis-script.ts";

// Only the values' keys are given as keys: those of metadata and index follow from them, which a single
// Redis allows. The bucket is what is before the first "/": bucket names have none.

/** Answers of scripts that write. `unknown`: an ETag is compared that nobody has written down. */
export const outcomes = { noBucket: 0, done: 1, noKey: 2, condition: 3, unknown: 4 } as const;

/**
 * What is in the record of the metadata `m` (see `recordText`): ETag, time, size, SHA-1, details, tags,
 * its first line, all of it. Texts that are not there are "".
 */
export const recordLua = `
local function recordOf(m)
  local fields=redis.call('HMGET',m,'object','scanned')
  local record=fields[1] or fields[2] or ''
  local line,details,tags=string.match(record,'^([^\\n]*)\\n?([^\\n]*)\\n?([^\\n]*)')
  local etag,modified,size,sha1=string.match(line,'^(%S*) (%d*) (%d*) ?(%x*)')
  return etag or '',modified or '',tonumber(size or ''),sha1 or '',details,tags,line,record
end
`;

/** `v`: key of the value, `m`: of its metadata. */
export const namesLua: string = `${recordLua}
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
    local etag,_,size,sha1=recordOf(m)
    if etag~='' and size==call('STRLEN',v) and (sha1=='' or redis.sha1hex(call('GET',v))==sha1) then
      if etag~=string.sub(cond,2) then refusal=3 end
    elseif guard=='' or redis.sha1hex(call('GET',v))~=guard then refusal=4 end
  end
end
`;

/**
 * Writes what is known of a value, the text `record`, and its place in the index. Where others write, too,
 * the value's SHA-1 goes with it, in a field of its own name: a hash with the field `object` is one whose
 * key is in the index.
 */
export const commitRecordLua = `
call('DEL',m)
if mode=='index' then
  call('HSET',m,'object',record)
  call('ZADD','s3i:'..bucket,'0',string.sub(v,slash+1))
else
  local line,rest=string.match(record,'^([^\\n]*)(.*)$')
  call('HSET',m,'scanned',line..' '..redis.sha1hex(call('GET',v))..rest)
end
if ttl~='' then call('PEXPIRE',m,ttl) end
`;

/**
 * Makes the staged value `temp` the object, with metadata and index. Argument: record; `ttl` in
 * milliseconds or "", `mode` "index" or "scan". It begins with a write that needs no memory: what follows
 * may not fail for the lack of it.
 */
export const commitLua: string = `
call('RENAME',temp,v)
if ttl=='' then call('PERSIST',v) else call('PEXPIRE',v,ttl) end
local record=ARGV[1]
${commitRecordLua}`;

/** Keys: value, staged value. Arguments: that of `commitLua`, ttl, mode, condition, guard. */
export const writeScript: RedisScript = new RedisScript(`${namesLua}
local temp,ttl,mode,cond,guard=KEYS[2],ARGV[2],ARGV[3],ARGV[4],ARGV[5]
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
local _,_,known,sha1,details,_,line=recordOf(m)
if known~=size or (sha1~='' and redis.sha1hex(call('GET',v))~=sha1) then
  line,details='  '..size,''
  local left=call('PTTL',v)
  call('DEL',m)
  call('HSET',m,'scanned',line)
  if left>0 then call('PEXPIRE',m,left) end
end
call('HSET',m,call('HEXISTS',m,'object')==1 and 'object' or 'scanned',line..'\\n'..details..'\\n'..ARGV[1])
return 1`);

/**
 * Key: value. Arguments: "none", "whole" or "range", and for a range its bounds as GETRANGE takes them.
 * Answers 0 or 2 (see `outcomes`), or: 1, the bytes, the record; 0, all bytes, and tags, when the record
 * is not that of the value.
 */
export const readScript: RedisScript = new RedisScript(`${namesLua}
if call('SISMEMBER','s3://',bucket)==0 then return 0 end
if call('EXISTS',v)==0 then return 2 end
local size=call('STRLEN',v)
local etag,_,known,sha1,_,tags,_,record=recordOf(m)
local fits=known==size
local value
if fits and sha1~='' then
  value=call('GET',v)
  fits=redis.sha1hex(value)==sha1
end
if fits and etag~='' then
  local bytes=''
  if ARGV[1]=='whole' then bytes=value or call('GET',v)
  elseif ARGV[1]=='range' then bytes=call('GETRANGE',v,ARGV[2],ARGV[3]) end
  return {1,bytes,record}
end
return {0,value or call('GET',v),fits and tags or ''}`);
