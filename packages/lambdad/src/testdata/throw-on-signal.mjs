// Loaded before the daemon with --import: a bug of ours, when a test wants one.
process.on("SIGUSR2", () => {
  throw new Error("as told, password=hunter2");
});
process.on("SIGWINCH", () => {
  void Promise.reject(new TypeError("rejected as told"));
});
