import { join } from "node:path";

/** Where the published cases are unless `CONFORMANCE_DIR` says otherwise: beside the repository. */
export const conformanceFolder: string = join(
  import.meta.dirname,
  "../../../../../shared/conformance",
);
