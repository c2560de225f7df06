// Starts a private broker, says where its files are, and waits to be killed.
import { startBroker } from "../broker.ts";

const broker = await startBroker();
process.stdout.write(`${broker.folder}\n`);
setInterval(() => {}, 60_000);
