/**
 * Every scenario in `scan/`, under `s6-svscan` and under `sv scan`: what an observer sees of a whole
 * scan directory is the same, but for the differences that the scenario itself declares.
 */
import { testScenarios } from "./differential.ts";

testScenarios({ directory: "scan", prefix: "scan/", reference: ["s6-svscan"], command: "scan" });
