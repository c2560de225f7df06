/** The groups of a changelog entry, in order. A changeset starts with the name of one and a colon. */
const groups = ["Safety and performance", "Features", "Internals"] as const;

/**
 * The text of a changeset file without its front matter.
 *
 * @throws {TypeError} when it does not start with a group.
 */
export function changesetBody(path: string, text: string): string {
  const body = text.replace(/^---\n[\s\S]*?\n---\n/, "").trim();
  if (groups.some((group) => body.startsWith(`${group}: `))) return body;
  throw new TypeError(
    `Cannot read changeset '${path}': it must start with one of '${groups.join(": ', '")}: '`,
  );
}

/** What the changelog says of one version. `bodies` are those of its changesets. */
export function changelogEntry(version: string, date: string, bodies: readonly string[]): string {
  const sections = groups.flatMap((group) => {
    const lines = bodies
      .filter((body) => body.startsWith(`${group}: `))
      .map((body) => `- ${body.slice(group.length + 2).replaceAll(/\s*\n\s*/g, " ")}`);
    return lines.length === 0 ? [] : [`### ${group}\n\n${lines.join("\n")}\n`];
  });
  return `## ${version} (${date})\n\n${sections.join("\n")}`;
}

/**
 * The changelog with a new entry above the others.
 *
 * @throws {TypeError} when the version is in it already.
 */
export function withEntry(changelog: string, version: string, entry: string): string {
  if (changelog.includes(`\n## ${version} `)) {
    throw new TypeError(`Cannot add version ${version}: the changelog has it`);
  }
  const first = changelog.indexOf("\n## ");
  if (first === -1) return `${changelog.trimEnd()}\n\n${entry}`;
  return `${changelog.slice(0, first + 1)}${entry}\n${changelog.slice(first + 1)}`;
}
