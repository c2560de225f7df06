// Keys as paths below a bucket's folder. What a file system takes as a name stays as it is; the rest is
// written with "%", so that each key has one path and each path at most one key.
//
//   %XX   a byte that no name should have; XX in upper case
//   %     alone: an empty segment, as in `a//b` and `a/`; elsewhere itself, unless "%25" is needed to tell
//         it from the forms here
//   %~c   at the end of a folder's name: the segment goes on in it (names have 255 bytes at most)
//   %~f   at the end of a file's name: an object whose own name a folder has: `a` beside `a/b`

/** Where an object's file is, below its bucket's folder. */
export interface KeyPath {
  /** Folder; `""` for the bucket's own. */
  readonly parent: string;
  readonly name: string;
}

/** What the name of a file or folder stands for. */
export interface DecodedName {
  readonly text: string;
  /** `chunk`: a folder in which the same segment goes on. */
  readonly kind: "file" | "folder" | "chunk";
}

/** End of the file's name when a folder has the object's own. */
export const besideFolder = "%~f";
const goesOn = "%~c";
const emptySegment = "%";

/** Bytes of a segment that is one name; one counted as longer is split in pieces longer than that. */
const nameBytesMax = 246;
/** A UTF-16 unit is at most three bytes of UTF-8, and an escape has three. */
const nameUnitsSure = nameBytesMax / 3;

/** What Windows does not take in names, beside what nobody should. */
const isWindows = process.platform === "win32";
const special = isWindows
  ? // oxlint-disable-next-line no-control-regex
    /[\u0000-\u001F\u007F\\:*?"<>|]|%(?=~|[0-9A-F]{2})/g
  : // oxlint-disable-next-line no-control-regex
    /[\u0000-\u001F\u007F]|%(?=~|[0-9A-F]{2})/g;
/** The same for pieces of long segments, where what follows must not matter. */
const specialAlways = isWindows
  ? // oxlint-disable-next-line no-control-regex
    /[\u0000-\u001F\u007F\\:*?"<>|%]/g
  : // oxlint-disable-next-line no-control-regex
    /[\u0000-\u001F\u007F%]/g;
/** A key none of whose segments needs a look, when it is short. */
const plainKey = isWindows
  ? /^(?!\/)(?:[A-Za-z0-9_-]+\/)*[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)?$/
  : // oxlint-disable-next-line no-control-regex
    /^(?!.*(?:^|\/)(?:\.{0,2})(?:\/|$))[^\u0000-\u001F\u007F%]+$/;
/** Names that Windows takes for devices, and ends that it drops. */
const windowsName = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)|[. ]$/i;

/** Path of a key. */
export function keyPath(key: string): KeyPath {
  const path = key.length <= nameUnitsSure && plainKey.test(key) ? key : encodeKey(key);
  const cut = path.lastIndexOf("/");
  return cut === -1
    ? { parent: "", name: path }
    : { parent: path.slice(0, cut), name: path.slice(cut + 1) };
}

/** Folder that all keys with a prefix are in, and the part of the prefix that it stands for. */
export function prefixFolder(prefix: string): { readonly path: string; readonly prefix: string } {
  const cut = prefix.lastIndexOf("/");
  if (cut === -1) return { path: "", prefix: "" };
  const folders = prefix.slice(0, cut);
  return { path: encodeKey(folders), prefix: `${folders}/` };
}

/** Key of a path that `keyPath` may have made; `undefined`: it has not. */
export function keyOfPath(path: string): string | undefined {
  const names = path.split("/");
  let key = "";
  for (const [index, name] of names.entries()) {
    const isLast = index === names.length - 1;
    const decoded = decodeName(name, !isLast);
    if (decoded === undefined) return undefined;
    key += decoded.kind === "folder" ? `${decoded.text}/` : decoded.text;
  }
  return key;
}

/** What a name in a bucket's folder stands for; `undefined`: for nothing, no key has it. */
export function decodeName(name: string, isFolder: boolean): DecodedName | undefined {
  const kind = isFolder ? "folder" : "file";
  if (name.length <= nameUnitsSure && plainKey.test(name)) return { text: name, kind };
  if (isFolder && name.endsWith(goesOn)) {
    const body = name.slice(0, -goesOn.length);
    const text = unescape(body);
    return chunkOf(text) === text && escapeAlways(text) === body
      ? { text, kind: "chunk" }
      : undefined;
  }
  const own = !isFolder && name.endsWith(besideFolder) ? name.slice(0, -besideFolder.length) : name;
  const text = own === emptySegment ? "" : unescape(own);
  return encodeSegment(text) === own ? { text, kind } : undefined;
}

function encodeKey(key: string): string {
  return key.split("/").map(encodeSegment).join("/");
}

/** Names of a segment: one, or several when it is long. */
function encodeSegment(segment: string): string {
  if (segment === "") return emptySegment;
  if (segment === emptySegment) return "%25";
  if (segment === "." || segment === "..") return segment.replaceAll(".", "%2E");
  if (segment.length > nameUnitsSure && countedBytes(segment) > nameBytesMax) {
    const chunk = chunkOf(segment) ?? segment;
    return `${escapeAlways(chunk)}${goesOn}/${encodeSegment(segment.slice(chunk.length))}`;
  }
  const name = segment.replace(special, escapeOne);
  return isWindows && windowsName.test(name) ? escapeForWindows(name) : name;
}

/**
 * The piece at the start of a long segment: the shortest that is too long for a name of its own. So no
 * whole name begins with what a piece stands for, and the piece's keys are all together in a listing.
 */
function chunkOf(segment: string): string | undefined {
  let bytes = 0;
  let units = 0;
  for (const character of segment) {
    bytes += countedBytes(character);
    units += character.length;
    if (bytes > nameBytesMax) return segment.slice(0, units);
  }
  return undefined;
}

/** Bytes of a segment's name, whatever follows its "%". */
function countedBytes(segment: string): number {
  return Buffer.byteLength(segment) + 2 * (segment.match(specialAlways)?.length ?? 0);
}

function escapeAlways(text: string): string {
  return text.replace(specialAlways, escapeOne);
}

/** Keeps the first or last character of a name from Windows. */
function escapeForWindows(name: string): string {
  const last = name.slice(-1);
  if (last === "." || last === " ") return name.slice(0, -1) + escapeOne(last);
  return escapeOne(name.slice(0, 1)) + name.slice(1);
}

function escapeOne(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
}

function unescape(name: string): string {
  return name.replace(/%([0-7][0-9A-F])/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}
