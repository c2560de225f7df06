/**
 * Key of an output under which `parse` puts the request id that the body holds (query and ec2 have
 * it there). The caller moves it to `$metadata`; it is the last property that was added.
 */
export const bodyRequestId: unique symbol = Symbol("bodyRequestId");
