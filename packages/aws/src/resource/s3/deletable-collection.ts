import type {
  DeleteObjectsCommandInput,
  DeleteObjectsCommandOutput,
  ObjectIdentifier,
  S3Client,
} from "../../../types/s3.d.ts";
import type { CallOptions } from "../../client/options.ts";
import { Collection, type CollectionQuery, type CollectionSource } from "./collection.ts";

/** Where items come from that can be deleted. */
export interface DeletableSource<Item, Params extends object> extends CollectionSource<
  Item,
  Params
> {
  readonly client: S3Client;
  readonly bucketName: string;
  /** What DeleteObjects knows an item by. */
  identify(item: Item): ObjectIdentifier;
}

/** Parameters of DeleteObjects for all pages. */
export interface DeleteListedInput extends Omit<DeleteObjectsCommandInput, "Bucket" | "Delete"> {
  /** `{ Quiet: true }`: only errors come back, not each deleted key. */
  readonly Delete?: { readonly Quiet?: boolean | undefined } | undefined;
}

/** Options of deleting a collection. */
export interface DeleteListedOptions extends CallOptions {
  /** Requests in flight at once, 1 or more; default 4: each deletes up to 1,000 objects. */
  readonly concurrency?: number | undefined;
}

/** A collection whose items can be deleted all at once. */
export class DeletableCollection<Item, Params extends object> extends Collection<Item, Params> {
  readonly #source: DeletableSource<Item, Params>;

  constructor(source: DeletableSource<Item, Params>, query?: CollectionQuery<Params>) {
    super(source, query);
    this.#source = source;
  }

  /**
   * Deletes what the collection lists: DeleteObjects for each page, several at once, the next pages
   * listed meanwhile. What S3 cannot do at the time (`SlowDown`, `InternalError`) is asked for up to
   * three times. The outputs come back in the order of the pages.
   * @throws DeleteObjectsError when S3 refuses some of the keys, after every page was tried. A request
   * that fails as a whole ends the listing; its own error is thrown, with `deleted` and `errors`.
   */
  async delete(
    input: DeleteListedInput = {},
    options: DeleteListedOptions = {},
  ): Promise<DeleteObjectsCommandOutput[]> {
    const { deleteListed } = await import("./delete-listed.ts");
    const source = this.#source;
    const { concurrency = 4, ...callOptions } = options;
    return deleteListed({
      client: source.client,
      bucketName: source.bucketName,
      pages: identified(this.pages(), (item) => source.identify(item)),
      input,
      concurrency,
      options: { ...this.options, ...callOptions },
    });
  }
}

async function* identified<Item>(
  pages: AsyncIterable<readonly Item[]>,
  identify: (item: Item) => ObjectIdentifier,
): AsyncGenerator<ObjectIdentifier[], void, undefined> {
  for await (const page of pages) yield page.map(identify);
}
