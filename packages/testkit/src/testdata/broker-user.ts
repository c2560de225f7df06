// Says which broker a test gets: `broker-user.ts LOCAL_URI`.
import { findBroker } from "../broker-uri.ts";

const [local = ""] = process.argv.slice(2);
process.stdout.write(`${await findBroker(process.env["AMQP_URI"], local)}\n`);
