export {
  type GivenOption,
  type ParsedOptions,
  parseOptions,
  unsigned,
} from "../options/parse_options.ts";
