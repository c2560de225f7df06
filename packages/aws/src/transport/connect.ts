import type { LookupAddress } from "node:dns";
import type { LookupFunction, Socket, TcpNetConnectOpts } from "node:net";
import type { ConnectionOptions, TLSSocket } from "node:tls";
import { net } from "../builtin/net.ts";
import { addressAttemptMs, readBufferBytes, tcpKeepAliveMs } from "./limits.ts";
import { nodeTls } from "./node-tls.ts";
import type { Route } from "./route.ts";
import { openTunnel } from "./tunnel.ts";

/** Hears of a socket that is being opened, and then of what happens on it. */
export interface SocketListener {
  onReady(): void;
  /** In the memory of a buffer that is used again. */
  onBytes(bytes: Buffer, length: number): void;
  onDrain(): void;
  /** The peer has sent its last byte. */
  onFinished(): void;
  /**
   * A write has failed. Node would close the socket now, with the answer that may say why unread.
   * @returns whether to keep it open, for reading.
   */
  onWriteFailed(cause: unknown): boolean;
  /** It failed, or could not be opened; or it was closed (`undefined`). May come more than once. */
  onLost(cause: unknown): void;
}

/** A socket on its way. */
export class OpeningSocket {
  readonly #route: Route;
  readonly #listener: SocketListener;
  #socket: Socket | undefined;
  #hop: Socket | undefined;
  #isHeld = true;
  #isReady = false;
  #isClosed = false;

  constructor(route: Route, listener: SocketListener) {
    this.#route = route;
    this.#listener = listener;
  }

  /** The socket, once it is ready. */
  get socket(): Socket {
    return this.#socket as Socket;
  }

  /** Begins; throws nothing. */
  start(): void {
    const { addresses } = this.#route;
    if (addresses === undefined) this.#connect([]);
    else {
      addresses.get((error, found) => {
        if (this.#isClosed) return;
        if (error === undefined) this.#connect(found);
        else this.#listener.onLost(error);
      });
    }
  }

  /** Whether it keeps the process alive. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    if (isHeld) this.#socket?.ref();
    else this.#socket?.unref();
    // TLS inside of TLS leaves the reference with the outer socket.
    if (this.#hop === undefined) return;
    if (isHeld) this.#hop.ref();
    else this.#hop.unref();
  }

  /** Gives up. */
  close(): void {
    this.#isClosed = true;
    this.#socket?.destroy();
  }

  #connect(addresses: readonly LookupAddress[]): void {
    try {
      const { proxy, isTls } = this.#route;
      if (proxy === undefined) this.#open(addresses, isTls);
      else this.#openThrough(addresses, proxy.isTls, isTls);
    } catch (error) {
      // A certificate or key that cannot be read.
      process.nextTick(() => {
        if (!this.#isClosed) this.#listener.onLost(error);
      });
    }
  }

  #open(addresses: readonly LookupAddress[], isTls: boolean): void {
    const onread = {
      buffer: Buffer.allocUnsafeSlow(readBufferBytes),
      callback: (length: number, bytes: Buffer): boolean => {
        this.#listener.onBytes(bytes, length);
        return true;
      },
    };
    const { origin } = this.#route;
    const tcp = tcpOptions(origin, addresses, onread);
    const socket = isTls
      ? nodeTls().connect({ ...tcp, ...this.#tlsOptions(origin.host) })
      : net.connect(tcp);
    this.#listen(socket, isTls ? "secureConnect" : "connect");
    socket.on("end", () => this.#listener.onFinished());
  }

  #openThrough(addresses: readonly LookupAddress[], isProxyTls: boolean, isTls: boolean): void {
    const proxy = this.#route.proxy as NonNullable<Route["proxy"]>;
    const tcp = tcpOptions(proxy, addresses, undefined);
    const { tls } = this.#route;
    const hop = isProxyTls
      ? nodeTls().connect({
          ...tcp,
          servername: serverName(proxy.host),
          secureContext: tls.context,
          rejectUnauthorized: tls.rejectUnauthorized,
        } as ConnectionOptions)
      : net.connect(tcp);
    const event = isProxyTls ? "secureConnect" : "connect";
    if (!isTls) {
      this.#listen(hop, event);
      this.#read(hop);
      return;
    }
    this.#socket = hop;
    this.#hop = hop;
    if (!this.#isHeld) hop.unref();
    hop.on("error", (error) => this.#lose(hop, error));
    hop.on("close", () => this.#lose(hop, undefined));
    hop.once(event, () => {
      hop.setNoDelay(true);
      openTunnel(hop, this.#route.origin, proxy.lines, (error) => {
        if (this.#isClosed) return;
        if (error === undefined) this.#secure(hop);
        else this.#listener.onLost(error);
      });
    });
  }

  /** TLS with the origin, inside the tunnel. */
  #secure(hop: Socket): void {
    const { host } = this.#route.origin;
    // `host` is what the certificate is compared with when there is no server name.
    const socket = nodeTls().connect({ ...this.#tlsOptions(host), host, socket: hop });
    this.#listen(socket, "secureConnect");
    this.#read(socket);
  }

  #tlsOptions(host: string): ConnectionOptions {
    const { tls, session } = this.#route;
    const options: ConnectionOptions = {
      servername: serverName(host),
      ALPNProtocols: ["http/1.1"],
      secureContext: tls.context,
    };
    if (session !== undefined) options.session = session;
    if (tls.rejectUnauthorized !== undefined) options.rejectUnauthorized = tls.rejectUnauthorized;
    return options;
  }

  #listen(socket: Socket | TLSSocket, readyEvent: string): void {
    this.#socket = socket;
    if (!this.#isHeld) socket.unref();
    const listener = this.#listener;
    socket.once(readyEvent, () => {
      if (this.#isClosed) return;
      this.#isReady = true;
      socket.setNoDelay(true);
      socket.setKeepAlive(true, tcpKeepAliveMs);
      listener.onReady();
    });
    if (readyEvent === "secureConnect") {
      socket.on("session", (session: Buffer) => {
        this.#route.session = session;
      });
    }
    const destroy = socket.destroy.bind(socket);
    socket.destroy = (error?: Error): Socket => {
      const isKept = error !== undefined && isWriteFailure(error) && listener.onWriteFailed(error);
      if (!isKept) return destroy(error);
      hearEnd(socket, listener);
      return socket;
    };
    socket.on("drain", () => listener.onDrain());
    socket.on("error", (error) => this.#lose(socket, error));
    socket.on("close", () => this.#lose(socket, undefined));
  }

  /** Sockets on top of another one know no `onread`. */
  #read(socket: Socket): void {
    socket.on("data", (chunk: Buffer) => this.#listener.onBytes(chunk, chunk.length));
    socket.on("end", () => this.#listener.onFinished());
  }

  #lose(socket: Socket, cause: unknown): void {
    if (this.#isClosed || socket !== this.#socket) return;
    // It may be the session that the server does not like.
    if (!this.#isReady) this.#route.session = undefined;
    this.#listener.onLost(cause);
  }
}

function tcpOptions(
  { host, port }: { readonly host: string; readonly port: number },
  addresses: readonly LookupAddress[],
  onread: TcpNetConnectOpts["onread"],
): TcpNetConnectOpts {
  const options: TcpNetConnectOpts = { host, port };
  if (onread !== undefined) options.onread = onread;
  if (addresses.length > 0) {
    options.lookup = giveAddresses(addresses);
    options.autoSelectFamily = true;
    options.autoSelectFamilyAttemptTimeout = addressAttemptMs;
  }
  return options;
}

function isWriteFailure(error: Error): boolean {
  return "syscall" in error && error.syscall === "write";
}

/** A stream that had a failure does not emit "end" any more: it is heard where it comes in. */
function hearEnd(socket: Socket, listener: SocketListener): void {
  const push = socket.push.bind(socket);
  socket.push = (chunk: unknown, encoding?: BufferEncoding): boolean => {
    const hasRoom = push(chunk, encoding);
    if (chunk === null) listener.onFinished();
    return hasRoom;
  };
}

function giveAddresses(addresses: readonly LookupAddress[]): LookupFunction {
  return (_host, options, callback) => {
    const [first] = addresses;
    if (options.all === true) callback(null, [...addresses]);
    else callback(null, first?.address ?? "", first?.family);
  };
}

/** An address is no server name (RFC 6066 §3); its certificate is checked all the same. */
function serverName(host: string): string {
  return net.isIP(host) === 0 ? host : "";
}
