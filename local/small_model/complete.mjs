/**
 * Completes texts with a small model: one JSON object a line on standard input ({"prompt", "tokens", "seed"}), one a line
 * on standard output ({"text"}). Run with the folder of `node_modules` and the model's file.
 */
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [folder, file] = process.argv.slice(2);
const resolve = createRequire(`${folder}/`).resolve;
const { getLlama, LlamaCompletion } = await import(pathToFileURL(resolve("node-llama-cpp")).href);

const llama = await getLlama({ gpu: false, build: "never", logLevel: "error", maxThreads: 2 });
const model = await llama.loadModel({ modelPath: file });
const context = await model.createContext({ contextSize: 1024 });
const completion = new LlamaCompletion({ contextSequence: context.getSequence() });
process.stdout.write(`${JSON.stringify({ ready: true })}\n`);

for await (const line of createInterface({ input: process.stdin })) {
  const { prompt, tokens, seed } = JSON.parse(line);
  const text = await completion.generateCompletion(prompt, {
    maxTokens: tokens,
    temperature: 0.8,
    topP: 0.95,
    seed,
    repeatPenalty: { penalty: 1.1 },
    customStopTriggers: ["\n###", "\nMessage:", "\nThe reader ", "\nRewritten for ", "\nOne sentence "],
  });
  process.stdout.write(`${JSON.stringify({ text })}\n`);
}
