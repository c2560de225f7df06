import type { ListedObject, ListPosition } from "../object-storage.ts";
import { lexRange } from "./lex-range.ts";
import type { RedisClient, RedisReply } from "./load-redis.ts";
import { recordLua } from "./object-scripts.ts";
import { findBucket } from "./redis-buckets.ts";
import { indexKey } from "./redis-keys.ts";
import { parseDetails } from "./redis-record.ts";
import { RedisScript, runScript } from "./redis-script.ts";

/** Keys that a script looks at, so that it does not keep others waiting: some milliseconds. */
const keysAtOnce = 1000;
/** Where few objects are wanted, but many may have expired. */
const keysAtLeast = 100;

/** Appends what a listing says of the object `key` to `reply`, or removes what is left of it. */
const describeLua = `
local v=bucket..'/'..key
local m='s3m:{'..v..'}'
local size=call('STRLEN',v)
local there=size>0 or call('EXISTS',v)==1
if there then
  local etag,modified,known,_,details=recordOf(m)
  local fits=known==size
  local at=#reply
  reply[at+1]=key
  reply[at+2]=tostring(size)
  reply[at+3]=fits and etag or ''
  reply[at+4]=fits and modified or ''
  reply[at+5]=fits and details or ''
end
`;

/**
 * Key: the index. Arguments: bucket, bounds, objects wanted, keys to look at. Keys whose objects have
 * expired, or were removed by others, leave the index. Answers 0 without the bucket, else: the last key
 * that was looked at, whether there may be more, then five texts for each object.
 */
const listScript = new RedisScript(`${recordLua}
local call=redis.call
local bucket=ARGV[1]
if call('SISMEMBER','s3://',bucket)==0 then return 0 end
local wanted,count=tonumber(ARGV[4]),tonumber(ARGV[5])
local keys=call('ZRANGE',KEYS[1],ARGV[2],ARGV[3],'BYLEX','LIMIT',0,count)
local reply={'','0'}
for i=1,#keys do
  local key=keys[i]
  ${describeLua}
  reply[1]=key
  if there then
    wanted=wanted-1
    if wanted==0 then reply[2]='1' return reply end
  else
    call('ZREM',KEYS[1],key)
    call('DEL',m)
  end
end
if #keys==count then reply[2]='1' end
return reply`);

/** Keys: values of a bucket. Argument: bucket. Answers five texts for each that is there. */
const describeScript = new RedisScript(`${recordLua}
local call=redis.call
local bucket=ARGV[1]
local reply={}
for i=1,#KEYS do
  local key=string.sub(KEYS[i],#bucket+2)
  ${describeLua}
end
return reply`);

/** Lists objects by the bucket's index. */
export async function listIndex(
  client: RedisClient,
  bucket: string,
  position: ListPosition,
): Promise<readonly ListedObject[] | "no-bucket"> {
  const listed: ListedObject[] = [];
  const { prefix, limit } = position;
  // Nothing is wanted but to know whether the bucket is there.
  if (limit === 0 && (await findBucket(client, bucket)) === undefined) return "no-bucket";
  if (limit === 0) return listed;
  let { min } = lexRange(position);
  const { max } = lexRange({ prefix, limit });
  for (;;) {
    const wanted = limit - listed.length;
    const count = Math.min(keysAtOnce, Math.max(keysAtLeast, wanted));
    const args = ["1", indexKey(bucket), bucket, min, max, String(wanted), String(count)];
    const reply = await runScript(client, listScript, args);
    if (reply === 0) return "no-bucket";
    const [last, more, ...texts] = reply as readonly string[];
    appendListed(listed, texts);
    if (more !== "1" || listed.length >= limit) return listed;
    min = Buffer.from(`(${last}`);
  }
}

/** What is known of values, in their order; those that are gone are left out. */
export async function describeValues(
  client: RedisClient,
  bucket: string,
  values: readonly string[],
): Promise<ListedObject[]> {
  const listed: ListedObject[] = [];
  for (let i = 0; i < values.length; i += keysAtOnce) {
    const some = values.slice(i, i + keysAtOnce);
    const args = [String(some.length), ...some, bucket];
    appendListed(listed, (await runScript(client, describeScript, args)) as readonly string[]);
  }
  return listed;
}

function appendListed(listed: ListedObject[], texts: readonly RedisReply[]): void {
  for (let i = 0; i + 4 < texts.length; i += 5) {
    const [key, size, etag, modified, details] = texts.slice(i, i + 5) as string[];
    const { storageClass, checksum } = parseDetails(details ?? null);
    listed.push({
      key: key ?? "",
      size: Number(size),
      etag: etag === "" ? undefined : etag,
      modified: modified === "" ? undefined : Number(modified),
      storageClass,
      checksum,
    });
  }
}
