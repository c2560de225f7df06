import { ConfigurationError } from "../client/errors.ts";

/** The settings of one section. Keys are in lower case. */
export interface ProfileSection {
  /** Settings with a text value; the lines of a continued value are joined with `\n`. */
  readonly values: ReadonlyMap<string, string>;
  /** Nested blocks (`s3 =` and indented settings under it). */
  readonly blocks: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/** Which of the two files: it decides which section names count. */
export type ProfileFileKind = "config" | "credentials";

/** The sections of one file, by their names without prefix. */
export interface ProfileFile {
  readonly profiles: ReadonlyMap<string, ProfileSection>;
  readonly ssoSessions: ReadonlyMap<string, ProfileSection>;
  readonly services: ReadonlyMap<string, ProfileSection>;
}

/** A section while it is read. */
interface OpenSection extends ProfileSection {
  readonly values: Map<string, string>;
  readonly blocks: Map<string, Map<string, string>>;
}

/** Where the next line may belong to. */
interface Cursor {
  /** `undefined`: a section that is not ours; its lines are skipped. */
  section: OpenSection | undefined;
  /** The setting that indented lines continue. */
  key: string | undefined;
  /** Columns in front of that setting. */
  indent: number;
}

/** A profile file without sections. */
export const emptyProfileFile: ProfileFile = {
  profiles: new Map(),
  ssoSessions: new Map(),
  services: new Map(),
};

/**
 * Reads a shared configuration or credentials file. Sections that are not ours are skipped; a
 * section that comes twice is merged, a setting that comes twice has its last value, and
 * `[profile default]` beats `[default]`.
 *
 * @param path Named in errors. Lines are not: they can hold secrets.
 * @throws ConfigurationError for a line that is neither section, setting, continuation nor comment.
 */
export function parseProfileFile(text: string, kind: ProfileFileKind, path: string): ProfileFile {
  const sections = new Sections(kind);
  const cursor: Cursor = { section: undefined, key: undefined, indent: 0 };
  let inSection = false;
  let number = 0;
  for (const line of text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/)) {
    number += 1;
    const content = line.trim();
    if (content === "" || content.startsWith("#") || content.startsWith(";")) continue;
    const indent = line.length - line.trimStart().length;
    if (isContinuation(cursor, indent)) {
      continueSetting(cursor, content, `${path}, line ${number}`);
    } else if (content.startsWith("[")) {
      cursor.section = sections.open(sectionName(content, `${path}, line ${number}`));
      cursor.key = undefined;
      inSection = true;
    } else if (!inSection) {
      throw malformed(`${path}, line ${number}`, "a setting must come after a [section]");
    } else if (cursor.section !== undefined) {
      beginSetting(cursor, content, indent, `${path}, line ${number}`);
    }
  }
  return sections.file();
}

/** What kind of section it is, and its name. */
const prefixed = /^(profile|sso-session|services)\s+(.+)$/;

/** Finds or makes the sections of a file. */
class Sections {
  readonly #kind: ProfileFileKind;
  readonly #profiles = new Map<string, OpenSection>();
  readonly #ssoSessions = new Map<string, OpenSection>();
  readonly #services = new Map<string, OpenSection>();
  /** `[default]` of a config file, until it is known that there is no `[profile default]`. */
  #bareDefault: OpenSection | undefined;

  constructor(kind: ProfileFileKind) {
    this.#kind = kind;
  }

  /** @returns `undefined` for a section that is not ours. */
  open(name: string): OpenSection | undefined {
    if (this.#kind === "credentials") {
      // The AWS CLI writes names with blanks as they are; prefixes belong to the other file.
      return name === "" || prefixed.test(name) ? undefined : section(this.#profiles, name);
    }
    if (name === "default") return (this.#bareDefault ??= newSection());
    const match = prefixed.exec(name);
    const rest = unquoted(match?.[2]);
    if (rest === undefined) return undefined;
    if (match?.[1] === "profile") return section(this.#profiles, rest);
    return section(match?.[1] === "services" ? this.#services : this.#ssoSessions, rest);
  }

  file(): ProfileFile {
    if (this.#bareDefault !== undefined && !this.#profiles.has("default")) {
      this.#profiles.set("default", this.#bareDefault);
    }
    return {
      profiles: this.#profiles,
      ssoSessions: this.#ssoSessions,
      services: this.#services,
    };
  }
}

function newSection(): OpenSection {
  return { values: new Map(), blocks: new Map() };
}

function section(sections: Map<string, OpenSection>, name: string): OpenSection {
  const known = sections.get(name) ?? newSection();
  sections.set(name, known);
  return known;
}

/** `a b` in quotes, or a word; `undefined` for several words. */
function unquoted(name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  const quoted = /^(["'])(.*)\1$/.exec(name);
  if (quoted !== null) return quoted[2] === "" ? undefined : quoted[2];
  return /\s/.test(name) ? undefined : name;
}

function sectionName(content: string, where: string): string {
  const end = content.indexOf("]");
  if (end === -1) throw malformed(where, 'a section must end with "]"');
  const rest = content.slice(end + 1).trim();
  if (rest !== "" && !rest.startsWith("#") && !rest.startsWith(";")) {
    throw malformed(where, 'only a comment may come after "]"');
  }
  return content.slice(1, end).trim();
}

function isContinuation(cursor: Cursor, indent: number): boolean {
  return cursor.section !== undefined && cursor.key !== undefined && indent > cursor.indent;
}

function beginSetting(cursor: Cursor, content: string, indent: number, where: string): void {
  const { name, value } = setting(content, where);
  // A second `s3 =` is another block, not more of the first.
  cursor.section?.blocks.delete(name);
  cursor.section?.values.set(name, value);
  cursor.key = name;
  cursor.indent = indent;
}

/** An indented line: a setting of a block when nothing follows the `=` above, else more text. */
function continueSetting(cursor: Cursor, content: string, where: string): void {
  const { section: open, key } = cursor;
  if (open === undefined || key === undefined) return;
  const value = open.values.get(key) ?? "";
  if (value !== "") {
    open.values.set(key, `${value}\n${content}`);
    return;
  }
  const nested = setting(content, where);
  let block = open.blocks.get(key);
  if (block === undefined) open.blocks.set(key, (block = new Map()));
  block.set(nested.name, nested.value);
  open.values.delete(key);
}

/**
 * `name = value # comment`. A comment needs white space in front, as values can hold `#`. A colon
 * does for the equals sign, as in the AWS CLI's parser.
 */
function setting(content: string, where: string): { name: string; value: string } {
  const end = content.search(/[=:]/);
  if (end === -1) throw malformed(where, 'a setting must have the form "name = value"');
  const name = content.slice(0, end).trim().toLowerCase();
  if (name === "") throw malformed(where, 'a setting must have a name in front of "="');
  return { name, value: withoutComment(content.slice(end + 1)).trim() };
}

function withoutComment(text: string): string {
  const start = text.search(/\s[#;]/);
  return start === -1 ? text : text.slice(0, start);
}

function malformed(where: string, rule: string): ConfigurationError {
  return new ConfigurationError(`Cannot read the profile file "${where}": ${rule}`);
}
