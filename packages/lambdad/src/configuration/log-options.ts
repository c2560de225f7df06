/** What is written where. Both peers' names and levels are understood. */
export const logOptions = {
  title: "Logs",
  options: {
    level: {
      flag: "log-level",
      variables: ["LOG_LEVEL"],
      type: "choice",
      choices: ["trace", "debug", "info", "warn", "error", "fatal"],
      synonyms: { warning: "warn", panic: "fatal" },
      placeholder: "LEVEL",
      default: "info",
      help: "Level of the daemon's own log.",
    },
    structured: {
      flag: "structured-logging",
      variables: ["USE_STRUCTURED_LOGGING"],
      type: "boolean",
      default: false,
      help: "The daemon's own log is JSON, one object a line.",
    },
    printReports: {
      flag: "print-reports",
      variables: ["PRINT_REPORTS"],
      type: "boolean",
      default: true,
      help: "Write START, END and REPORT lines.",
    },
    functionFormat: {
      flag: "log-format",
      variables: ["AWS_LAMBDA_LOG_FORMAT"],
      type: "choice",
      choices: ["Text", "JSON"],
      placeholder: "FORMAT",
      default: "Text",
      help: "Form of the function's log and of the START, END and REPORT lines.",
    },
    functionLevel: {
      flag: "function-log-level",
      variables: ["AWS_LAMBDA_LOG_LEVEL"],
      type: "choice",
      choices: ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"],
      placeholder: "LEVEL",
      defaultText: "INFO when --log-format is JSON",
      help: "Level of the function's log, for runtimes that write JSON.",
    },
  },
} as const;
