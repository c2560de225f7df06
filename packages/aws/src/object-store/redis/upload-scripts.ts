import { commitLua, conditionLua, namesLua } from "./object-scripts.ts";
import { RedisScript } from "./redis-script.ts";

/** Arguments: bucket, id, key, upload as JSON, expiry in milliseconds. Answers 0 without the bucket. */
export const createUploadScript: RedisScript = new RedisScript(`
local call=redis.call
local bucket,id=ARGV[1],ARGV[2]
if call('SISMEMBER','s3://',bucket)==0 then return 0 end
call('HSET','s3u:'..id,'bucket',bucket,'key',ARGV[3],'upload',ARGV[4])
call('PEXPIRE','s3u:'..id,ARGV[5])
call('SADD','s3us:'..bucket,id)
return 1`);

/**
 * Key: the staged bytes. Arguments: bucket, key, id, number, part as JSON, expiry in milliseconds. The
 * expiry of all parts is set anew once a day at most.
 */
export const writePartScript: RedisScript = new RedisScript(`
local call=redis.call
local bucket,key,id,number,expiry=ARGV[1],ARGV[2],ARGV[3],ARGV[4],tonumber(ARGV[6])
local u='s3u:'..id
local owner=call('HMGET',u,'bucket','key')
if owner[1]~=bucket or owner[2]~=key then call('DEL',KEYS[1]) return 0 end
local p='s3p:'..id..':'..number
call('RENAME',KEYS[1],p)
call('PEXPIRE',p,expiry)
call('HSET',u,'p'..number,ARGV[5])
if call('PTTL',u)<expiry-86400000 then
  call('PEXPIRE',u,expiry)
  for _,field in ipairs(call('HKEYS',u)) do
    local other=string.match(field,'^p(%d+)$')
    if other then call('PEXPIRE','s3p:'..id..':'..other,expiry) end
  end
end
return 1`);

/**
 * Key: the bytes that are being put together. Arguments: id, their size, then for each piece: number of
 * the part, first and last byte in it, where it goes. Answers 0 when a part is gone.
 */
export const assembleScript: RedisScript = new RedisScript(`
local call=redis.call
local temp,id=KEYS[1],ARGV[1]
if call('EXISTS',temp)==0 then call('SETRANGE',temp,tonumber(ARGV[2])-1,string.char(0)) end
call('PEXPIRE',temp,300000)
for i=3,#ARGV,4 do
  local piece=call('GETRANGE','s3p:'..id..':'..ARGV[i],ARGV[i+1],ARGV[i+2])
  if #piece~=ARGV[i+2]-ARGV[i+1]+1 then call('DEL',temp) return 0 end
  call('SETRANGE',temp,ARGV[i+3],piece)
end
return 1`);

/** Removes the upload `u` with its parts. */
const endLua = `
for _,field in ipairs(call('HKEYS',u)) do
  local number=string.match(field,'^p(%d+)$')
  if number then call('UNLINK','s3p:'..id..':'..number) end
end
call('DEL',u)
call('SREM','s3us:'..bucket,id)
`;

/**
 * Keys: value, bytes that were put together. Arguments: those of `writeScript`, then id, and for each
 * part its number and its JSON. Answers 5 without the upload, 6 when a part is another.
 */
export const completeScript: RedisScript = new RedisScript(`${namesLua}
local temp,ttl,mode,cond,guard,id=KEYS[2],ARGV[2],ARGV[3],ARGV[4],ARGV[5],ARGV[6]
local key=string.sub(v,slash+1)
local u='s3u:'..id
if call('SISMEMBER','s3://',bucket)==0 then call('DEL',temp) return 0 end
local owner=call('HMGET',u,'bucket','key')
if owner[1]~=bucket or owner[2]~=key then call('DEL',temp) return 5 end
${conditionLua}
if refusal then
  if refusal~=4 then call('DEL',temp) end
  return refusal
end
for i=7,#ARGV,2 do
  if call('HGET',u,'p'..ARGV[i])~=ARGV[i+1] then call('DEL',temp) return 6 end
end
${commitLua}
${endLua}
return 1`);

/** Arguments: bucket, key, id. */
export const abortScript: RedisScript = new RedisScript(`
local call=redis.call
local bucket,key,id=ARGV[1],ARGV[2],ARGV[3]
local u='s3u:'..id
local owner=call('HMGET',u,'bucket','key')
if owner[1]~=bucket or owner[2]~=key then return 0 end
${endLua}
return 1`);

/** Arguments: bucket, ids. Answers what their uploads are; those that have expired leave the set. */
export const describeUploadsScript: RedisScript = new RedisScript(`
local call=redis.call
local reply={}
for i=2,#ARGV do
  local upload=call('HGET','s3u:'..ARGV[i],'upload')
  if upload then reply[#reply+1]=upload else call('SREM','s3us:'..ARGV[1],ARGV[i]) end
end
return reply`);
