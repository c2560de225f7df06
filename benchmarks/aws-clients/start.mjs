// A process that loads a client of AWS, makes it, and ends; with an operation it makes one call before.
// Arguments: the module of the client, the folder of the peers, the stand-in's URL, and the operation.
import { pathToFileURL } from "node:url";

const [modulePath, peers, endpoint, operation] = process.argv.slice(2);
const { open } = await import(pathToFileURL(modulePath).href);
const client = await open({ endpoint, peers });
const call = client.call(operation ?? "s3-get", 1_024);
if (operation !== undefined && (await call()) !== 1_024) process.exit(1);
process.exit(0);
