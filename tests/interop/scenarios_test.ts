/**
 * Every scenario in `scenarios/`, under `s6-supervise` and under `sv supervise`: what an observer sees
 * is the same, but for the differences that the scenario itself declares.
 */
import { testScenarios } from "./differential.ts";

testScenarios({
  directory: "scenarios",
  prefix: "",
  reference: ["s6-supervise"],
  command: "supervise",
});
