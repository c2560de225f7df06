import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { DaemonProcess } from "./daemon-process.ts";
import { runCommand } from "./run-command.ts";

/** A server that speaks AWS's protocols, as a process on this machine. Whoever starts it stops it. */
export interface AwsServer {
  /** `http://127.0.0.1:PORT`. */
  readonly endpoint: string;
  readonly port: number;
  /** What it wrote. */
  output(): string;
  /** Ends it by its process id, and removes what it kept. Safe to call twice. */
  stop(): Promise<void>;
}

/** The keys that the S3 server knows. The other servers take any. */
export const serverCredentials: {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
} = { accessKeyId: "AKIDCONFORMANCE", secretAccessKey: "conformance/secret+key" };

/** The S3 server takes `BUCKET.<this>` for a bucket, beside path style. Resolvers know it as loopback. */
export const virtualDomain = "localhost";

const region = "us-east-1";
const readyMsMax = 60_000;
const startsMax = 3;

/** The same over TLS. */
export interface SecureAwsServer extends AwsServer {
  /** The certificate to trust, PEM. */
  readonly ca: string;
}

/** Starts the S3 server over TLS, with a certificate that `openssl` makes for it. */
export async function startSecureVersitygw(folder: string): Promise<SecureAwsServer> {
  const place = await mkdtemp(join(tmpdir(), "lambdad-conformance-tls-"));
  const [cert, key] = [join(place, "cert.pem"), join(place, "key.pem")];
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days=2"];
  const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"];
  const args = ["req", "-x509", ...kind, "-keyout", key, "-out", cert, ...names];
  const { status, stderr } = await runCommand("openssl", args, { timeoutMs: 30_000 });
  if (status !== 0) throw new Error(`Cannot make a certificate: ${stderr.toString()}`);
  const ca = await readFile(cert, "utf8");
  const server = await startVersitygw(folder, [`--cert=${cert}`, `--key=${key}`]);
  const endpoint = server.endpoint.replace("http:", "https:");
  const stop = async (): Promise<void> => {
    await server.stop();
    await rm(place, { recursive: true, force: true });
  };
  return { ...server, endpoint, ca, stop };
}

/** Starts the S3 server of the part `versitygw`, with an empty store in a folder of its own. */
export async function startVersitygw(
  folder: string,
  more: readonly string[] = [],
): Promise<AwsServer> {
  const store = await mkdtemp(join(tmpdir(), "lambdad-conformance-s3-"));
  const [buckets = "", sidecar = "", versions = ""] = await Promise.all(
    ["buckets", "sidecar", "versions"].map(async (name) => {
      await mkdir(join(store, name));
      return join(store, name);
    }),
  );
  // Metadata in files of its own: not every file system of a CI machine has extended attributes.
  const backend = ["posix", "--sidecar", sidecar, "--versioning-dir", versions, buckets];
  return start(
    (port) => ({
      file: join(folder, "versitygw"),
      args: [
        `--port=127.0.0.1:${port}`,
        `--region=${region}`,
        "--quiet",
        "--keep-alive",
        `--virtual-domain=${virtualDomain}`,
        ...more,
        ...backend,
      ],
      env: {
        ROOT_ACCESS_KEY: serverCredentials.accessKeyId,
        ROOT_SECRET_KEY: serverCredentials.secretAccessKey,
      },
    }),
    () => rm(store, { recursive: true, force: true }),
  );
}

/** Starts DynamoDB Local of the part `dynamodb-local`; its tables are in memory. */
export async function startDynamodbLocal(folder: string): Promise<AwsServer> {
  const lib = join(folder, "lib");
  const jars = (await readdir(lib)).filter((name) => name.endsWith(".jar"));
  const classPath = jars.map((name) => join(lib, name)).join(delimiter);
  const main = "com.amazonaws.services.dynamodbv2.local.main.ServerRunner";
  const java = ["-Xmx512m", `-Djava.library.path=${lib}`, "-cp", classPath, main];
  return start((port) => ({
    file: "java",
    args: [...java, "-inMemory", "-disableTelemetry", "-port", String(port)],
    env: {},
  }));
}

/** Starts moto's server of the part `moto`: all services on one port. */
export function startMoto(folder: string): Promise<AwsServer> {
  return start((port) => ({
    file: join(folder, "bin", "python"),
    args: [join(folder, "bin", "moto_server"), "-H", "127.0.0.1", "-p", String(port)],
    env: { MOTO_ACCOUNT_ID: "123456789012" },
  }));
}

interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Another process may take the free port before the server does: then it starts again on another. */
async function start(
  command: (port: number) => Command,
  clean: () => Promise<void> = async () => {},
): Promise<AwsServer> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const { file, args, env } = command(port);
    const server = new DaemonProcess(file, args, { env });
    try {
      await untilReady(server, port);
      return {
        endpoint: `http://127.0.0.1:${port}`,
        port,
        output: () => server.output.text,
        async stop() {
          await server.stop();
          await clean();
        },
      };
    } catch (error) {
      await server.stop().catch(() => {});
      if (attempt < startsMax && /in use/i.test(server.output.text)) continue;
      await clean();
      const output = server.output.text.slice(-2_000);
      throw new Error(`Cannot start ${file}: ${String(error)}\n${output}`, { cause: error });
    }
  }
}

async function untilReady(server: DaemonProcess, port: number): Promise<void> {
  const deadline = performance.now() + readyMsMax;
  const ended = server.exited.then(({ status, signal }) => {
    throw new Error(`it ended with ${status ?? signal}`);
  });
  ended.catch(() => {});
  while (performance.now() < deadline) {
    if (await Promise.race([accepts(port), ended])) return;
    await Promise.race([delay(50), ended]);
  }
  throw new Error(`it does not listen within ${readyMsMax} ms`);
}

function accepts(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, "127.0.0.1");
  socket.on("connect", () => resolve(true));
  socket.on("error", () => resolve(false));
  return promise.finally(() => socket.destroy());
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("Cannot find a free port");
  return address.port;
}
