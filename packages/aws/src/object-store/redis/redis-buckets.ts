import { compareUtf8 } from "../compare-utf8.ts";
import type { StoredBucket } from "../object-storage.ts";
import type { RedisClient } from "./load-redis.ts";
import { bucketsKey, createdKey } from "./redis-keys.ts";
import { RedisScript, runScript } from "./redis-script.ts";

/** Arguments: bucket, time. */
const createScript = new RedisScript(`
if redis.call('SADD','s3://',ARGV[1])==0 then return 0 end
redis.call('SET','s3c:'..ARGV[1],ARGV[2])
return 1`);

/**
 * Argument: bucket. Answers 0 without the bucket, 1 when it is gone, 2 when it has objects, 3 when it has
 * only removed keys whose objects have expired, and has to be called again. Uploads go with it.
 */
const deleteScript = new RedisScript(`
local call=redis.call
local bucket=ARGV[1]
if call('SISMEMBER','s3://',bucket)==0 then return 0 end
local keys=call('ZRANGE','s3i:'..bucket,0,999)
for i=1,#keys do
  local v=bucket..'/'..keys[i]
  if call('EXISTS',v)==1 then return 2 end
  call('ZREM','s3i:'..bucket,keys[i])
  call('DEL','s3m:{'..v..'}')
end
if #keys==1000 then return 3 end
for _,id in ipairs(call('SMEMBERS','s3us:'..bucket)) do
  for _,field in ipairs(call('HKEYS','s3u:'..id)) do
    local number=string.match(field,'^p(%d+)$')
    if number then call('UNLINK','s3p:'..id..':'..number) end
  end
  call('DEL','s3u:'..id)
end
call('SREM','s3://',bucket)
call('DEL','s3c:'..bucket,'s3us:'..bucket)
return 1`);

/** Makes a bucket. */
export async function createBucket(
  client: RedisClient,
  name: string,
  created: number,
): Promise<"done" | "exists"> {
  const made = await runScript(client, createScript, ["0", name, String(created)]);
  return made === 1 ? "done" : "exists";
}

/** Removes a bucket without objects in its index. */
export async function deleteBucket(
  client: RedisClient,
  name: string,
): Promise<"done" | "no-bucket" | "not-empty"> {
  for (;;) {
    const outcome = await runScript(client, deleteScript, ["0", name]);
    if (outcome === 0) return "no-bucket";
    if (outcome === 1) return "done";
    if (outcome === 2) return "not-empty";
  }
}

/** A bucket; others make them without a time. */
export async function findBucket(
  client: RedisClient,
  name: string,
): Promise<StoredBucket | undefined> {
  const [isThere, created] = await Promise.all([
    client.sendCommand(["SISMEMBER", bucketsKey, name]),
    client.sendCommand(["GET", createdKey(name)]),
  ]);
  return isThere === 1 ? storedBucket(name, created as string | null) : undefined;
}

/** All buckets by name. */
export async function listBuckets(client: RedisClient): Promise<readonly StoredBucket[]> {
  const names = (await client.sendCommand(["SMEMBERS", bucketsKey])) as readonly string[];
  if (names.length === 0) return [];
  const sorted = names.toSorted(compareUtf8);
  const times = await client.sendCommand(["MGET", ...sorted.map(createdKey)]);
  return sorted.map((name, i) => storedBucket(name, (times as readonly (string | null)[])[i]));
}

function storedBucket(name: string, created: string | null | undefined): StoredBucket {
  const time = Number(created ?? Number.NaN);
  return { name, created: Number.isFinite(time) ? time : undefined };
}
