import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type Server, type TlsOptions, type TLSSocket } from "node:tls";
import { originOf } from "./transport-fixture.test.ts";
import type { Origin } from "./transport.ts";

/** A certificate authority, and certificates of it. */
export interface Authority {
  readonly ca: string;
  /** For `127.0.0.1` and `service.test`. */
  readonly cert: string;
  readonly key: string;
  readonly clientCert: string;
  readonly clientKey: string;
}

const program = "openssl";

let made: Authority | undefined;

/** Makes an authority, once per process; nothing of it is kept. */
export function makeAuthority(): Authority {
  if (made !== undefined) return made;
  const folder = mkdtempSync(join(tmpdir(), "aws-transport-"));
  const run = (...args: string[]): void => {
    execFileSync(program, args, { cwd: folder, stdio: "pipe" });
  };
  const read = (name: string): string => readFileSync(join(folder, name), "utf8");
  try {
    const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    const ca = ["-x509", "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=test authority"];
    run("req", ...newKey, ...ca, "-days", "2");
    writeFileSync(join(folder, "server.ext"), "subjectAltName=IP:127.0.0.1,DNS:service.test\n");
    writeFileSync(join(folder, "client.ext"), "extendedKeyUsage=clientAuth\n");
    for (const name of ["server", "client"]) {
      run(
        "req",
        ...newKey,
        "-keyout",
        `${name}.key`,
        "-out",
        `${name}.csr`,
        "-subj",
        `/CN=${name}`,
      );
      const signer = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial"];
      const files = ["-in", `${name}.csr`, "-out", `${name}.crt`, "-extfile", `${name}.ext`];
      run("x509", "-req", ...files, ...signer, "-days", "2");
    }
    made = {
      ca: read("ca.crt"),
      cert: read("server.crt"),
      key: read("server.key"),
      clientCert: read("client.crt"),
      clientKey: read("client.key"),
    };
    return made;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A TLS server. */
export interface TlsFixture {
  readonly server: Server;
  readonly origin: Origin;
  readonly sockets: TLSSocket[];
  close(): Promise<void>;
}

/** Starts a TLS server that hands each connection to `onSocket`. */
export async function startTlsFixture(
  onSocket: (socket: TLSSocket) => void,
  options: TlsOptions = {},
): Promise<TlsFixture> {
  const { cert, key } = makeAuthority();
  const sockets: TLSSocket[] = [];
  const server = createServer({ cert, key, ...options }, (socket) => {
    sockets.push(socket);
    socket.on("error", () => {});
    onSocket(socket);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    server,
    origin: originOf((server.address() as AddressInfo).port, "https:"),
    sockets,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
