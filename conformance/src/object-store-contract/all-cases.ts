import { bodyCases } from "./body-cases.ts";
import { bucketCases } from "./bucket-cases.ts";
import { checksumCases } from "./checksum-cases.ts";
import { metadataCases } from "./metadata-cases.ts";
import { missingBucketCases } from "./missing-bucket-cases.ts";
import { objectCases } from "./object-cases.ts";
import { listingCases } from "./listing-cases.ts";
import { pagingCases } from "./paging-cases.ts";
import { rangeCases } from "./range-cases.ts";
import { readConditionCases } from "./read-condition-cases.ts";
import { writeConditionCases } from "./write-condition-cases.ts";
import { copyCases } from "./copy-cases.ts";
import { deleteCases } from "./delete-cases.ts";
import { taggingCases } from "./tagging-cases.ts";
import { multipartCases } from "./multipart-cases.ts";
import { multipartErrorCases } from "./multipart-error-cases.ts";
import { multipartListCases } from "./multipart-list-cases.ts";
import { partCopyCases } from "./part-copy-cases.ts";
import { attributeCases } from "./attribute-cases.ts";
import { oddKeyCases } from "./odd-key-cases.ts";
import { callCases } from "./call-cases.ts";
import { storeOnlyCases } from "./store-only-cases.ts";
import { concurrencyCases } from "./concurrency-cases.ts";
import { modelCases } from "./model-cases.ts";
import type { StoreCase } from "./store-case.ts";

/** The contract of object stores, by topic. */
export const storeContract: Readonly<Record<string, readonly StoreCase[]>> = {
  buckets: bucketCases,
  "missing buckets": missingBucketCases,
  objects: objectCases,
  bodies: bodyCases,
  metadata: metadataCases,
  checksums: checksumCases,
  lists: listingCases,
  "pages of lists": pagingCases,
  ranges: rangeCases,
  "conditions of reads": readConditionCases,
  "conditions of writes": writeConditionCases,
  copies: copyCases,
  deletes: deleteCases,
  tags: taggingCases,
  "multipart uploads": multipartCases,
  "errors of multipart uploads": multipartErrorCases,
  "lists of uploads and parts": multipartListCases,
  "copies into parts": partCopyCases,
  attributes: attributeCases,
  "odd keys": oddKeyCases,
  calls: callCases,
  "stores alone": storeOnlyCases,
  "calls at the same time": concurrencyCases,
  "random calls": modelCases,
};
