// Multipart uploads: `.lambdad/uploads/<bucket>/<hash of the id>` with a file for what was said at the
// start and one for each part. All that is known of a part is in its file's name, so that a rename brings
// both in one step.
import { crypto } from "../../builtin/crypto.ts";
import { fs } from "../../builtin/fs.ts";
import type {
  ObjectRecord,
  PartRecord,
  StagedBody,
  StagedFile,
  UploadRecord,
  WriteCondition,
  WriteOutcome,
} from "../object-storage.ts";
import { hasBucket, type FileParts } from "./file-parts.ts";
import { errorCode, ifThere } from "./file-place.ts";
import type { FileWriter } from "./file-writer.ts";
import { syncPath } from "./sync-path.ts";

const recordName = "upload.json";

interface PartFile {
  readonly name: string;
  readonly part: PartRecord;
}

/** The multipart uploads of a store. */
export class FileUploads {
  readonly #parts: FileParts;
  readonly #writer: FileWriter;

  constructor(parts: FileParts, writer: FileWriter) {
    this.#parts = parts;
    this.#writer = writer;
  }

  async create(bucket: string, upload: UploadRecord): Promise<"done" | "no-bucket"> {
    const { place, own } = this.#parts;
    if (!hasBucket(place.root, bucket)) return "no-bucket";
    const made = own.temporary();
    fs.mkdirSync(made);
    try {
      const record = `${made}/${recordName}`;
      fs.writeFileSync(record, JSON.stringify(upload), { flag: "wx" });
      if (place.fsync) await syncPath(record);
      fs.mkdirSync(this.#bucketFolder(bucket), { recursive: true });
      fs.renameSync(made, this.#folder(bucket, upload.id));
    } catch (error) {
      fs.rmSync(made, { recursive: true, force: true });
      throw error;
    }
    return "done";
  }

  get(bucket: string, key: string, id: string): UploadRecord | "no-bucket" | "no-upload" {
    if (!hasBucket(this.#parts.place.root, bucket)) return "no-bucket";
    return this.#find(bucket, key, id) ?? "no-upload";
  }

  list(bucket: string): readonly UploadRecord[] | "no-bucket" {
    if (!hasBucket(this.#parts.place.root, bucket)) return "no-bucket";
    const folder = this.#bucketFolder(bucket);
    const records: UploadRecord[] = [];
    for (const name of ifThere(() => fs.readdirSync(folder)) ?? []) {
      const record = readUpload(`${folder}/${name}`);
      if (record !== undefined) records.push(record);
    }
    return records;
  }

  async writePart(
    bucket: string,
    key: string,
    id: string,
    part: PartRecord,
    body: StagedBody,
  ): Promise<"done" | "no-upload"> {
    const { staged, locks } = this.#parts;
    if (this.#find(bucket, key, id) === undefined) {
      staged.discard(body);
      return "no-upload";
    }
    const file = await staged.file(body);
    try {
      return await locks.hold([lockOf(id)], () => this.#placePart(bucket, key, id, part, file));
    } finally {
      staged.discard(file);
    }
  }

  parts(bucket: string, key: string, id: string): readonly PartRecord[] | "no-upload" {
    if (this.#find(bucket, key, id) === undefined) return "no-upload";
    return this.#partFiles(bucket, id).map(({ part }) => part);
  }

  async complete(
    bucket: string,
    key: string,
    id: string,
    parts: readonly PartRecord[],
    record: ObjectRecord,
    condition: WriteCondition,
  ): Promise<WriteOutcome | "no-upload" | "changed"> {
    const { place, staged } = this.#parts;
    if (!hasBucket(place.root, bucket)) return "no-bucket";
    if (this.#find(bucket, key, id) === undefined) return "no-upload";
    const files = this.#filesOf(bucket, id, parts);
    if (files === undefined) return "changed";
    const joined = await staged.join(files);
    if (joined === undefined || joined.size !== record.size) {
      if (joined !== undefined) staged.discard(joined);
      return this.#find(bucket, key, id) === undefined ? "no-upload" : "changed";
    }
    let ended: string | undefined;
    const outcome = await this.#writer.write(bucket, key, record, joined, condition, {
      lock: lockOf(id),
      refusal: () => {
        if (this.#find(bucket, key, id) === undefined) return "no-upload";
        return this.#filesOf(bucket, id, parts) === undefined ? "changed" : undefined;
      },
      done: () => {
        ended = this.#end(bucket, id);
      },
    });
    if (ended !== undefined) await removeFolder(ended);
    return outcome;
  }

  async abort(bucket: string, key: string, id: string): Promise<"done" | "no-upload"> {
    if (this.#find(bucket, key, id) === undefined) return "no-upload";
    const ended = await this.#parts.locks.hold([lockOf(id)], () => this.#end(bucket, id));
    if (ended === undefined) return "no-upload";
    await removeFolder(ended);
    return "done";
  }

  #placePart(
    bucket: string,
    key: string,
    id: string,
    part: PartRecord,
    file: StagedFile,
  ): "done" | "no-upload" {
    if (this.#find(bucket, key, id) === undefined) return "no-upload";
    const folder = this.#folder(bucket, id);
    const name = partName(part);
    const others = fs
      .readdirSync(folder)
      .filter((other) => other !== name && partOf(other)?.number === part.number);
    fs.renameSync(file.path, `${folder}/${name}`);
    for (const other of others) fs.unlinkSync(`${folder}/${other}`);
    return "done";
  }

  /** Takes an upload away in one step; what is left of it is at the path. */
  #end(bucket: string, id: string): string | undefined {
    const path = this.#parts.own.temporary();
    const isThere = ifThere(() => fs.renameSync(this.#folder(bucket, id), path) ?? true);
    return isThere === true ? path : undefined;
  }

  #find(bucket: string, key: string, id: string): UploadRecord | undefined {
    if (!hasBucket(this.#parts.place.root, bucket)) return undefined;
    const record = readUpload(this.#folder(bucket, id));
    return record?.key === key && record.id === id ? record : undefined;
  }

  /** Files of parts; `undefined`: not all are as they were. */
  #filesOf(
    bucket: string,
    id: string,
    parts: readonly PartRecord[],
  ): readonly StagedFile[] | undefined {
    const present = new Set(this.#partFiles(bucket, id).map(({ name }) => name));
    const files: StagedFile[] = [];
    for (const part of parts) {
      const name = partName(part);
      if (!present.has(name)) return undefined;
      files.push({ path: `${this.#folder(bucket, id)}/${name}`, size: part.size });
    }
    return files;
  }

  /** By number; of two of a number, left by a process that was ended, the later one. */
  #partFiles(bucket: string, id: string): readonly PartFile[] {
    const byNumber = new Map<number, PartFile>();
    for (const name of ifThere(() => fs.readdirSync(this.#folder(bucket, id))) ?? []) {
      const part = partOf(name);
      if (part === undefined) continue;
      const other = byNumber.get(part.number);
      if (other === undefined || other.part.modified <= part.modified) {
        byNumber.set(part.number, { name, part });
      }
    }
    return [...byNumber.values()].sort((a, b) => a.part.number - b.part.number);
  }

  #bucketFolder(bucket: string): string {
    return `${this.#parts.place.own}/uploads/${bucket}`;
  }

  #folder(bucket: string, id: string): string {
    return `${this.#bucketFolder(bucket)}/${hashOf(id)}`;
  }
}

/** Ids come from callers. */
function hashOf(id: string): string {
  return crypto.hash("sha256", id, "hex").slice(0, 40);
}

function lockOf(id: string): string {
  return `u${hashOf(id)}`;
}

function readUpload(folder: string): UploadRecord | undefined {
  const text = ifThere(() => fs.readFileSync(`${folder}/${recordName}`, "utf8"));
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as UploadRecord;
  } catch {
    return undefined;
  }
}

function partName({ number, size, etag, modified, checksum }: PartRecord): string {
  return [String(number), String(size), String(modified), etag, checksum ?? ""]
    .map((member) => encodeURIComponent(member).replaceAll(".", "%2E"))
    .join(".");
}

function partOf(name: string): PartRecord | undefined {
  const members = name.split(".");
  if (members.length !== 5) return undefined;
  const [number, size, modified, etag = "", checksum = ""] = members.map(decodeURIComponent);
  const record = { number: Number(number), size: Number(size), etag, modified: Number(modified) };
  return checksum === "" ? record : { ...record, checksum };
}

/** Removes what nobody sees any more; what stays goes with the leftovers of this process. */
function removeFolder(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    fs.rm(path, { recursive: true, force: true }, (error) => {
      if (error === null || errorCode(error) === "ENOENT") resolve();
      else reject(error);
    });
  });
}
