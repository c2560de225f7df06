import type {
  Address,
  AddressBinding,
  AddressDeclare,
  AddressLink,
  AddressNode,
} from "./address.ts";
import { AddressError } from "./address-error.ts";
import { AddressOptions } from "./address-options.ts";

const nodeDeclare: AddressDeclare = {
  queue: "",
  exchange: "",
  exchangeType: "direct",
  passive: false,
  internal: false,
  durable: false,
  exclusive: false,
  autoDelete: false,
  arguments: {},
};

/** A subscription queue belongs to one consumer. */
const linkDeclare: AddressDeclare = { ...nodeDeclare, exclusive: true, autoDelete: true };

/**
 * Reads an address string: `name [/ subject] [; options]`, or options alone, where options are a JSON
 * object. The first `;` separates; further ones belong to the options. Options that are not known cost a
 * warning. Never give it a name that comes from a caller: its `;` and `/` would be read as syntax.
 *
 * Source: the contract of AMQP-RPC, §13.
 *
 * @throws {AddressError} when the text or the type of an option is wrong.
 */
export function parseAddress(text: string): Address {
  const { name, subject, options } = splitAddress(text);
  const warnings: string[] = [];
  const top = parseOptions(options, warnings);
  const address = { name, subject, node: readNode(top), link: readLink(top), warnings };
  top.end();
  return address;
}

function splitAddress(text: string): { name: string; subject: string; options: string } {
  const trimmed = text.trim();
  if (trimmed.startsWith("{")) return { name: "", subject: "", options: trimmed };
  const semicolon = trimmed.indexOf(";");
  const options = semicolon === -1 ? "{}" : trimmed.slice(semicolon + 1).trim();
  const parts = (semicolon === -1 ? trimmed : trimmed.slice(0, semicolon)).split("/");
  if (parts.length > 2) {
    throw new AddressError(
      `Cannot read the address '${text}': it has more than one '/' before ';'`,
    );
  }
  const [name = "", subject = ""] = parts;
  return { name: name.trim(), subject: subject.trim(), options };
}

function parseOptions(text: string, warnings: string[]): AddressOptions {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AddressError(`Cannot read the options of the address: ${reason}`, { cause: error });
  }
  return AddressOptions.of(value, "", warnings);
}

function readNode(top: AddressOptions): AddressNode {
  const node = top.object("node");
  const type = node.text("type", "");
  if (type !== "" && type !== "queue" && type !== "topic") {
    throw new AddressError(
      `Cannot read the options of the address: node.type must be queue or topic: current value is '${type}'`,
    );
  }
  // A shortcut, of which only `true` has an effect.
  const durable = node.boolean("durable", false);
  const autoDelete = node.boolean("auto-delete", false);
  const declared = readDeclare(node.object("x-declare"), nodeDeclare);
  const declare = {
    ...declared,
    durable: durable || declared.durable,
    autoDelete: autoDelete || declared.autoDelete,
  };
  const bindings = node.objects("x-bindings").map(readBinding);
  node.end();
  return { type: type === "" ? undefined : type, declare, bindings };
}

function readLink(top: AddressOptions): AddressLink {
  const link = top.object("link");
  const declare = readDeclare(link.object("x-declare"), linkDeclare);
  const subscribe = link.object("x-subscribe");
  const exclusive = subscribe.boolean("exclusive", false);
  const consumeArguments = subscribe.table("arguments");
  subscribe.end();
  // Part of the documented form; nobody has ever used them.
  link.ignore("name", "durable", "reliability", "x-bindings");
  link.end();
  return { declare, subscribe: { exclusive, arguments: consumeArguments } };
}

function readDeclare(options: AddressOptions, defaults: AddressDeclare): AddressDeclare {
  const declare = {
    queue: options.name("queue"),
    exchange: options.name("exchange"),
    exchangeType: options.text("exchange-type", defaults.exchangeType),
    passive: options.boolean("passive", defaults.passive),
    internal: options.boolean("internal", defaults.internal),
    durable: options.boolean("durable", defaults.durable),
    exclusive: options.boolean("exclusive", defaults.exclusive),
    autoDelete: options.boolean("auto-delete", defaults.autoDelete),
    arguments: options.table("arguments"),
  };
  options.end();
  return declare;
}

function readBinding(options: AddressOptions): AddressBinding {
  const binding = {
    exchange: options.name("exchange"),
    queue: options.name("queue"),
    key: options.name("key"),
    arguments: options.table("arguments"),
  };
  options.end();
  return binding;
}
