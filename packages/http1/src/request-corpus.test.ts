/** One input of the corpus, and what must come of it. */
export interface CorpusCase {
  /** Says what is special about it. */
  readonly name: string;
  /** As Latin-1 text. */
  readonly input: string;
  /** `METHOD target body` of each request that is complete. */
  readonly requests: readonly string[];
  /** Status of the refusal that ends the connection; absent when nothing is refused. */
  readonly refusal?: number;
}

const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

function get(...lines: readonly string[]): string {
  return `GET / HTTP/1.1\r\nHost: a\r\n${lines.map((line) => `${line}\r\n`).join("")}\r\n`;
}

function post(lines: readonly string[], body: string): string {
  return `POST /p HTTP/1.1\r\nHost: a\r\n${lines.map((line) => `${line}\r\n`).join("")}\r\n${body}`;
}

function chunked(body: string): string {
  return post(["Transfer-Encoding: chunked"], body);
}

function accepted(name: string, input: string, ...requests: readonly string[]): CorpusCase {
  return { name, input, requests };
}

function refused(name: string, input: string, refusal = 400): CorpusCase {
  return { name, input, requests: [], refusal };
}

const VALID: readonly CorpusCase[] = [
  accepted("a plain GET", GET, "GET / "),
  accepted("a query", "GET /a/b?c=d&e=%20 HTTP/1.1\r\nHost: a\r\n\r\n", "GET /a/b?c=d&e=%20 "),
  accepted("an empty query", "GET /a? HTTP/1.1\r\nHost: a\r\n\r\n", "GET /a "),
  accepted("a second question mark", "GET /a?b?c HTTP/1.1\r\nHost: a\r\n\r\n", "GET /a?b?c "),
  accepted("HTTP/1.0 without Host", "GET /a HTTP/1.0\r\n\r\n", "GET /a "),
  accepted("HTTP/1.0 with a body", "POST / HTTP/1.0\r\nContent-Length: 2\r\n\r\nhi", "POST / hi"),
  accepted("an empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", "GET / "),
  accepted("OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS * "),
  accepted("an empty line before the request", `\r\n\r\n${GET}`, "GET / "),
  accepted("empty lines behind a request", `${GET}\r\n\r\n`, "GET / "),
  accepted("two pipelined requests", GET + GET, "GET / ", "GET / "),
  accepted("header values with blanks around and obs-text", get("X:\t a\xe9b \t", "Y:"), "GET / "),
  accepted("__proto__ and constructor as names", get("__proto__: 1", "constructor: 2"), "GET / "),
  accepted("names of every token octet", get("!#$%&'*+-.^_`|~09azAZ: 1"), "GET / "),
  accepted("a body with a length", post(["Content-Length: 3"], "abc"), "POST /p abc"),
  accepted("a length of zero", post(["Content-Length: 0"], "") + GET, "POST /p ", "GET / "),
  accepted("a length with leading zeros", post(["Content-Length: 003"], "abc"), "POST /p abc"),
  accepted("a length between blanks", post(["Content-Length:\t 3  "], "abc"), "POST /p abc"),
  accepted(
    "chunked between blanks",
    post(["Transfer-Encoding: \t chunked  "], "0\r\n\r\n"),
    "POST /p ",
  ),
  accepted("no length and no body", post([], "") + GET, "POST /p ", "GET / "),
  accepted(
    "chunks",
    chunked("3\r\nabc\r\n00a\r\n0123456789\r\n0\r\n\r\n"),
    "POST /p abc0123456789",
  ),
  accepted(
    "chunk sizes in both cases",
    chunked("A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n"),
    "POST /p 01234567890123456789",
  ),
  accepted(
    "one-byte chunks before a large one",
    chunked(`1\r\na\r\n1\r\nb\r\n1400\r\n${"c".repeat(0x1400)}\r\n1\r\nd\r\n0\r\n\r\n`),
    `POST /p ab${"c".repeat(0x1400)}d`,
  ),
  accepted("no chunks but the last", chunked("0\r\n\r\n") + GET, "POST /p ", "GET / "),
  accepted(
    "trailers",
    chunked("1\r\na\r\n0\r\nX-T: 1\r\nY:2\r\n\r\n") + GET,
    "POST /p a",
    "GET / ",
  ),
  accepted("chunk extensions", chunked('1;a;b=c;d="e\\"f"\r\na\r\n0;z\r\n\r\n'), "POST /p a"),
  accepted("Chunked in capitals", post(["Transfer-Encoding: CHUNKED"], "0\r\n\r\n"), "POST /p "),
  accepted(
    "GET with a small body",
    get("Content-Length: 2").concat("hi", GET),
    "GET / hi",
    "GET / ",
  ),
  accepted("Connection: close ends the input", get("Connection: close") + GET, "GET / "),
  accepted("Connection: a list with close", get("Connection: x , CLOSE") + GET, "GET / "),
  accepted(
    "Connection: a list without close",
    get("Connection: , closed,\xa0close, x") + GET,
    "GET / ",
    "GET / ",
  ),
  accepted("Connection: keep-alive", get("Connection: keep-alive") + GET, "GET / ", "GET / "),
  accepted(
    "Upgrade is ignored",
    get("Connection: Upgrade", "Upgrade: websocket") + GET,
    "GET / ",
    "GET / ",
  ),
  accepted("absolute form", "GET http://A:80/b?c HTTP/1.1\r\nHost: a:80\r\n\r\n", "GET /b?c "),
  accepted("absolute form without a path", "GET http://a HTTP/1.1\r\nHost: a\r\n\r\n", "GET / "),
  accepted(
    "absolute form with a query only",
    "GET http://a?b HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /?b ",
  ),
];

const BAD_REQUEST_LINES: readonly CorpusCase[] = [
  refused("HTTP/0.9", "GET /a\r\n\r\n"),
  refused("HTTP/0.9 before its empty line", "GET /a\r\n"),
  refused("HTTP/2.0", "GET / HTTP/2.0\r\nHost: a\r\n\r\n"),
  refused("the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  refused("HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n"),
  refused("http/1.1 in small letters", "GET / http/1.1\r\nHost: a\r\n\r\n"),
  refused("a version with more digits", "GET / HTTP/1.10\r\nHost: a\r\n\r\n"),
  refused("no version after the space", "GET / \r\nHost: a\r\n\r\n"),
  refused("a space behind the version", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n"),
  refused("two spaces before the target", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"),
  refused("two spaces behind the target", "GET /  HTTP/1.1\r\nHost: a\r\n\r\n"),
  refused("a tab for a space", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n"),
  refused("a space before the method", " GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
  refused("a space in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"),
  refused("a fragment in the target", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n"),
  refused("a target beyond ASCII", "GET /\xe9 HTTP/1.1\r\nHost: a\r\n\r\n"),
  refused("a control character in the target", "GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n"),
  refused("a target without a slash", "GET a HTTP/1.1\r\nHost: a\r\n\r\n"),
  refused("* for GET", "GET * HTTP/1.1\r\nHost: a\r\n\r\n"),
  refused("an unknown method", "FETCH / HTTP/1.1\r\nHost: a\r\n\r\n"),
  refused("a method in small letters", "get / HTTP/1.1\r\nHost: a\r\n\r\n"),
  refused("CONNECT", "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", 405),
  refused("CONNECT to a path", "CONNECT /a HTTP/1.1\r\nHost: a\r\n\r\n", 405),
  refused("an authority that is not Host", "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n"),
  refused("an authority with a user", "GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n"),
  refused("an authority without Host", "GET http://a/ HTTP/1.0\r\n\r\n"),
  refused("another scheme", "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n"),
  refused("a TLS hello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
  refused("a method without an end", "A".repeat(100)),
  refused("the end of the input in a head", "GET / HTTP/1.1\r\nHost: a\r\n"),
];

const BAD_HEADERS: readonly CorpusCase[] = [
  refused("no Host", "GET / HTTP/1.1\r\n\r\n"),
  refused("two Host headers", get("host: a")),
  refused("a space before the colon", get("X : 1")),
  refused("a tab before the colon", get("X\t: 1")),
  refused("no colon", get("X")),
  refused("no name", get(": 1")),
  refused("a space in the name", get("X Y: 1")),
  refused("a name beyond ASCII", get("\xe9: 1")),
  refused("a bracket in the name", get("X(: 1")),
  refused("a folded header", get("X: 1", " 2")),
  refused("a folded header with a tab", get("X: 1", "\t2")),
  refused("a folded first header", "GET / HTTP/1.1\r\n Host: a\r\n\r\n"),
  refused("a bare LF between headers", "GET / HTTP/1.1\r\nHost: a\nX: 1\r\n\r\n"),
  refused("a bare LF behind the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n"),
  refused("a bare LF before the request", `\n${GET}`),
  refused("a bare CR before the request", `\r${GET}`),
  refused("bare LFs at the end of the head", "GET / HTTP/1.1\r\nHost: a\n\n"),
  refused("a bare CR in a value", get("X: 1\r2")),
  refused("a bare CR before the CRLF", get("X: 1\r")),
  refused("CR LF CR X", "GET / HTTP/1.1\r\nHost: a\r\n\rX"),
  refused("NUL in a value", get("X: \0")),
  refused("DEL in a value", get("X: \x7f")),
  refused("a control character in a value", get("X: \x1b[0m")),
  refused("a head of 16 385 bytes", get(`X: ${"x".repeat(16_385 - get("X: ").length)}`), 431),
  refused("a header line without an end", `GET / HTTP/1.1\r\nX: ${"x".repeat(20_000)}`, 431),
  refused("an unknown expectation", get("Expect: 200-ok"), 417),
  accepted("a head of 16 384 bytes", get(`X: ${"x".repeat(16_384 - get("X: ").length)}`), "GET / "),
];

const BAD_FRAMING: readonly CorpusCase[] = [
  refused("two equal lengths", post(["Content-Length: 1", "Content-Length: 1"], "a")),
  refused("two lengths", post(["Content-Length: 1", "Content-Length: 2"], "ab")),
  refused("a list of lengths", post(["Content-Length: 1, 1"], "a")),
  refused("an empty length", post(["Content-Length:"], "")),
  refused("a signed length", post(["Content-Length: +1"], "a")),
  refused("a negative length", post(["Content-Length: -1"], "a")),
  refused("a hexadecimal length", post(["Content-Length: 0x1"], "a")),
  refused("a length with a fraction", post(["Content-Length: 1.0"], "a")),
  refused("a length with a blank inside", post(["Content-Length: 1 0"], "a")),
  refused("a length of 2^64", post(["Content-Length: 18446744073709551616"], "a")),
  refused("a length of 2^53", post(["Content-Length: 9007199254740992"], "a")),
  refused(
    "a length with Transfer-Encoding",
    post(["Content-Length: 5", "Transfer-Encoding: chunked"], "0\r\n\r\n"),
  ),
  refused(
    "Transfer-Encoding with a length",
    post(["Transfer-Encoding: chunked", "Content-Length: 5"], "0\r\n\r\n"),
  ),
  refused(
    "two Transfer-Encoding headers",
    post(["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"], "0\r\n\r\n"),
  ),
  refused("chunked twice", post(["Transfer-Encoding: chunked, chunked"], "0\r\n\r\n")),
  refused("chunked that is not the last", post(["Transfer-Encoding: chunked, gzip"], "0\r\n\r\n")),
  refused("an unknown coding", post(["Transfer-Encoding: xchunked"], "0\r\n\r\n")),
  refused("identity", post(["Transfer-Encoding: identity"], "")),
  refused("an empty Transfer-Encoding", post(["Transfer-Encoding:"], "0\r\n\r\n")),
  refused("chunked in quotes", post(['Transfer-Encoding: "chunked"'], "0\r\n\r\n")),
  refused("chunked with a parameter", post(["Transfer-Encoding: chunked;a=b"], "0\r\n\r\n")),
  refused("chunked behind a vertical tab", post(["Transfer-Encoding: \x0bchunked"], "0\r\n\r\n")),
  refused("chunked behind a no-break space", post(["Transfer-Encoding: \xa0chunked"], "0\r\n\r\n")),
  refused("chunked before a no-break space", post(["Transfer-Encoding: chunked\xa0"], "0\r\n\r\n")),
  refused("chunked before a tab", post(["Transfer-Encoding: chunked \t"], "0\r\n\r\n")),
  refused("a length before a tab", post(["Content-Length: 1\t"], "a")),
  refused("a coding behind an empty one", post(["Transfer-Encoding: , chunked"], "0\r\n\r\n")),
  refused("gzip under chunked", post(["Transfer-Encoding: gzip, chunked"], "0\r\n\r\n"), 501),
  refused(
    "Transfer-Encoding in HTTP/1.0",
    "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  ),
  refused("GET with a body above 64 KiB", get("Content-Length: 65537"), 413),
];

const BAD_CHUNKS: readonly CorpusCase[] = [
  refused("an empty chunk size", chunked("\r\n")),
  refused("a chunk size that is no number", chunked("x\r\n")),
  refused("a signed chunk size", chunked("+1\r\na\r\n0\r\n\r\n")),
  refused("a chunk size with 0x", chunked("0x1\r\na\r\n0\r\n\r\n")),
  refused("a blank before a chunk size", chunked(" 1\r\na\r\n0\r\n\r\n")),
  refused("a blank behind a chunk size", chunked("1 \r\na\r\n0\r\n\r\n")),
  refused("an underscore in a chunk size", chunked("1_0\r\na\r\n0\r\n\r\n")),
  refused("a chunk size of 2^64", chunked("10000000000000000\r\n")),
  refused("a chunk size of 2^53", chunked("20000000000000\r\n")),
  refused("a bare LF behind a chunk size", chunked("1\na\r\n0\r\n\r\n")),
  refused("a bare CR behind a chunk size", chunked("1\ra\r\n0\r\n\r\n")),
  refused("a chunk longer than its size", chunked("1\r\nab\r\n0\r\n\r\n")),
  refused("a chunk shorter than its size", chunked("3\r\na\r\n0\r\n\r\n")),
  refused("a bare LF behind a chunk", chunked("1\r\na\n0\r\n\r\n")),
  refused("a bare CR behind a chunk", chunked("1\r\na\rb0\r\n\r\n")),
  refused("an empty chunk extension", chunked("1;\r\na\r\n0\r\n\r\n")),
  refused("a blank in a chunk extension", chunked("1; a\r\na\r\n0\r\n\r\n")),
  refused("a bare LF in a chunk extension", chunked("1;a\nb\r\na\r\n0\r\n\r\n")),
  refused("a bare CR in a chunk extension", chunked("1;a\rb\r\na\r\n0\r\n\r\n")),
  refused("a quoted extension without an end", chunked('1;a="b\r\na\r\n0\r\n\r\n')),
  refused("a chunk extension of 32 KiB", chunked(`1;${"a".repeat(32_768)}\r\na\r\n0\r\n\r\n`)),
  refused("a folded trailer", chunked("0\r\nX: 1\r\n 2\r\n\r\n")),
  refused("a trailer without a colon", chunked("0\r\nX\r\n\r\n")),
  refused("a bare LF in the trailers", chunked("0\r\nX: 1\n\r\n")),
  refused("Content-Length as a trailer", chunked("0\r\nContent-Length: 1\r\n\r\n")),
  refused("Transfer-Encoding as a trailer", chunked("0\r\nTransfer-Encoding: chunked\r\n\r\n")),
  refused("trailers above the limit", chunked(`0\r\nX: ${"x".repeat(20_000)}\r\n\r\n`), 431),
  refused("the end of the input in a chunk", chunked("5\r\nabc")),
  refused("the end of the input before the last chunk", chunked("1\r\na\r\n")),
  refused("the end of the input in the trailers", chunked("0\r\nX: 1\r\n")),
  refused("the end of the input in a body with a length", post(["Content-Length: 5"], "abc")),
];

const SMUGGLING: readonly CorpusCase[] = [
  {
    name: "a good request before a bad one",
    input: `${GET}GET / HTTP/1.1\r\nHost : a\r\n\r\n`,
    requests: ["GET / "],
    refusal: 400,
  },
  {
    name: "octets behind a body",
    input: `${post(["Content-Length: 3"], "abcdef")}${GET}`,
    requests: ["POST /p abc"],
    refusal: 400,
  },
  {
    name: "a request inside a body",
    input: post([`Content-Length: ${GET.length}`], GET),
    requests: [`POST /p ${GET}`],
  },
];

/** Valid and hostile inputs, one named test each (spec/reliability.md §12.3, HT-14, HT-16). */
export const REQUEST_CORPUS: readonly CorpusCase[] = [
  ...VALID,
  ...BAD_REQUEST_LINES,
  ...BAD_HEADERS,
  ...BAD_FRAMING,
  ...BAD_CHUNKS,
  ...SMUGGLING,
];
