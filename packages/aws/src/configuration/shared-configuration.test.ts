import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { ConfigurationError } from "../client/errors.ts";
import { parseProfileFile } from "./profile-file.ts";
import {
  configurationPaths,
  profileName,
  readSharedConfiguration,
  SharedConfiguration,
} from "./shared-configuration.ts";

const paths = { configFile: "/c", credentialsFile: "/d" };

function configuration(config: string, credentials = ""): SharedConfiguration {
  return new SharedConfiguration(
    paths,
    parseProfileFile(config, "config", "/c"),
    parseProfileFile(credentials, "credentials", "/d"),
  );
}

describe("configurationPaths", () => {
  const home = { HOME: "/me" };
  const cases: readonly (readonly [
    options: { configFile?: string; credentialsFile?: string },
    environment: Record<string, string>,
    expected: readonly [string | undefined, string | undefined],
  ])[] = [
    [{}, home, ["/me/.aws/config", "/me/.aws/credentials"]],
    [{}, { HOME: "/me/" }, ["/me/.aws/config", "/me/.aws/credentials"]],
    [{}, { USERPROFILE: "C:\\me" }, ["C:\\me/.aws/config", "C:\\me/.aws/credentials"]],
    [{}, { HOME: "/$&", USERPROFILE: "C:\\me" }, ["/$&/.aws/config", "/$&/.aws/credentials"]],
    [{}, {}, [undefined, undefined]],
    [{}, { ...home, AWS_CONFIG_FILE: "/a", AWS_SHARED_CREDENTIALS_FILE: "~/b" }, ["/a", "/me/b"]],
    [
      { configFile: "/o" },
      { AWS_CONFIG_FILE: "/a", AWS_SHARED_CREDENTIALS_FILE: "/b" },
      ["/o", "/b"],
    ],
    [{ credentialsFile: "~x" }, home, ["/me/.aws/config", "~x"]],
  ];
  for (const [options, environment, [configFile, credentialsFile]] of cases) {
    it(`of ${JSON.stringify([options, environment])}`, () => {
      assert.deepEqual(configurationPaths(options, environment), { configFile, credentialsFile });
    });
  }
});

describe("profileName", () => {
  it("takes the option, AWS_PROFILE, AWS_DEFAULT_PROFILE, default", () => {
    const both = { AWS_PROFILE: "b", AWS_DEFAULT_PROFILE: "c" };
    assert.equal(profileName({ profile: "a" }, both), "a");
    assert.equal(profileName({}, both), "b");
    assert.equal(profileName({}, { AWS_DEFAULT_PROFILE: "c" }), "c");
    assert.equal(profileName({}, { AWS_PROFILE: "" }), "default");
  });
});

describe("SharedConfiguration", () => {
  it("joins a profile's settings; the credentials file wins", () => {
    const profile = configuration(
      "[profile a]\nregion = r\nkey = config\ns3 =\n  x = 1",
      "[a]\nkey = credentials\nempty =",
    ).profile("a");
    assert.equal(profile.get("region"), "r");
    assert.equal(profile.get("key"), "credentials");
    assert.equal(profile.get("empty"), undefined);
    assert.equal(profile.get("x", "s3"), "1");
    assert.deepEqual(profile.find("key"), { value: "credentials", path: "/d" });
    assert.deepEqual(profile.find("region"), { value: "r", path: "/c" });
  });

  it("refuses a profile that is in neither file, unless it is default", () => {
    const both = configuration("[profile a]", "[b]");
    assert.throws(() => both.profile("c"), ConfigurationError);
    assert.throws(
      () => both.profile("c"),
      /profile "c": it is neither in "\/c" nor in "\/d"; there is "a", "b"$/,
    );
    assert.equal(both.profile("default").get("region"), undefined);
    assert.throws(() => configuration("").profile("c"), /there are no profiles$/);
  });

  it("lists profiles and finds the other sections", () => {
    const shared = configuration(
      "[profile b]\n[default]\n[sso-session s]\nx=1\n[services t]\ny=2",
      "[a]\n[b]",
    );
    assert.deepEqual(shared.profiles(), ["a", "b", "default"]);
    assert.equal(shared.ssoSession("s")?.values.get("x"), "1");
    assert.equal(shared.services("t")?.values.get("y"), "2");
    assert.equal(shared.services("s"), undefined);
  });
});

describe("readSharedConfiguration", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "configuration-"));
  });
  after(() => rm(folder, { recursive: true }));

  const at = (name: string): { configFile: string; credentialsFile: string } => ({
    configFile: join(folder, `${name}-config`),
    credentialsFile: join(folder, `${name}-credentials`),
  });

  it("reads both files", async () => {
    const files = at("both");
    await writeFile(files.configFile, "[default]\nregion = r");
    await writeFile(files.credentialsFile, "[default]\naws_access_key_id = k");
    const profile = (await readSharedConfiguration(files)).profile("default");
    assert.equal(profile.get("region"), "r");
    assert.equal(profile.get("aws_access_key_id"), "k");
  });

  it("takes missing files, folders and no path for empty files", async () => {
    const folders = at("folder");
    await mkdir(folders.configFile);
    for (const files of [
      at("missing"),
      folders,
      { configFile: undefined, credentialsFile: undefined },
      { configFile: join(folders.configFile, "a", "b"), credentialsFile: "/dev/null" },
    ]) {
      assert.deepEqual((await readSharedConfiguration(files)).profiles(), []);
    }
  });

  it("keeps what it read, and reads again what has changed when asked to", async () => {
    const files = at("change");
    const region = async (refresh: boolean): Promise<string | undefined> =>
      (await readSharedConfiguration(files, { refresh })).profile("default").get("region");
    assert.equal(await region(false), undefined);
    await writeFile(files.configFile, "[default]\nregion = one");
    assert.equal(await region(false), undefined);
    assert.equal(await region(true), "one");
    await writeFile(files.configFile, "[default]\nregion = two");
    await utimes(files.configFile, new Date(), new Date(Date.now() + 5000));
    assert.equal(await region(false), "one");
    assert.equal(await region(true), "two");
    assert.equal(await region(false), "two");
    await rm(files.configFile);
    assert.equal(await region(true), undefined);
  });

  it("does not parse a file again that has not changed", async () => {
    const files = at("same");
    await writeFile(files.configFile, "[default]\nregion = r");
    const [first, second] = await Promise.all([
      readSharedConfiguration(files),
      readSharedConfiguration(files),
    ]);
    const third = await readSharedConfiguration(files, { refresh: true });
    assert.equal(second.config, first.config);
    assert.equal(third.config, first.config);
  });

  it("names the malformed file, and reads it again the next time", async () => {
    const files = at("malformed");
    await writeFile(files.credentialsFile, "aws_secret_access_key = hidden");
    await assert.rejects(readSharedConfiguration(files), (error: Error) => {
      assert.ok(error instanceof ConfigurationError);
      assert.ok(error.message.includes(`${files.credentialsFile}, line 1`), error.message);
      assert.ok(!error.message.includes("hidden"));
      return true;
    });
    await writeFile(files.credentialsFile, "[a]");
    assert.deepEqual((await readSharedConfiguration(files)).profiles(), ["a"]);
  });

  it("takes a file for absent in a folder that is closed to us, as another user's home", async (t) => {
    const closed = await mkdtemp(join(tmpdir(), "closed-"));
    t.after(() => rm(closed, { recursive: true }));
    const home = join(closed, "home");
    await mkdir(home);
    await writeFile(join(home, "config"), "[profile a]");
    await chmod(home, 0);
    const isRoot = process.getuid?.() === 0;
    if (isRoot) process.seteuid?.(65_534);
    try {
      const files = { configFile: join(home, "config"), credentialsFile: join(home, "none") };
      assert.deepEqual((await readSharedConfiguration(files)).profiles(), []);
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });

  it("says why a file cannot be read", { skip: process.getuid?.() === 0 }, async () => {
    const files = at("secret");
    await writeFile(files.configFile, "[default]");
    await chmod(files.configFile, 0);
    await assert.rejects(
      readSharedConfiguration(files),
      /Cannot read the profile file ".*": EACCES$/,
    );
  });
});
