// Makes peer-greedy.json: what llama.cpp writes with the built-in model, always the likeliest token.
//
//   npm install --ignore-scripts node-llama-cpp@3.22.1     (anywhere; run this script from there)
//   node PATH/peer-greedy.mjs PATH/causerie-guide.gguf > PATH/peer-greedy.json
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const { getLlama } = await import(pathToFileURL(createRequire(`${process.cwd()}/`).resolve("node-llama-cpp")));
const file = process.argv[2];
const questions = [
  "Hello!", "What is Causerie?", "How do I change the port?", "which command fetches a model from Hugging Face",
  "What is the capital of Japan?", "Who wrote Hamlet?", "What is 23 + 45?", "Give me JSON with name and age for Anna, 31.",
  "Bonjour !", "C'est quoi Causerie ?", "Comment changer de port ?", "Quelle est la capitale du Japon ?",
  "Qui a peint la Joconde ?", "Combien font 3 fois 4 ?", "Comment tu t'appelles ?", "le serveur répond 503",
];
const prompts = questions.map(q => `<|im_start|>user\n${q}<|im_end|>\n<|im_start|>assistant\n`);

const llama = await getLlama({ gpu: false, build: "never", maxThreads: 2, logLevel: "error" });
const model = await llama.loadModel({ modelPath: file });
const context = await model.createContext({ contextSize: 1024, threads: 2 });
const sequence = context.getSequence();
const answers = [];
for (const prompt of prompts) {
  await sequence.clearHistory();
  const options = { generateNext: { token: true, options: { temperature: 0 } } };
  const tokens = [...model.tokenize(prompt, true)];
  const ids = [];
  let input = tokens.map((t, i) => i < tokens.length - 1 ? t : [t, options]);
  while (ids.length < 120) {
    const token = (await sequence.controlledEvaluate(input)).at(-1).next.token;
    if (model.isEogToken(token)) break;
    ids.push(token);
    input = [[token, options]];
  }
  answers.push({ prompt, text: model.detokenize(ids, false) });
}
const sha256 = createHash("sha256").update(readFileSync(file)).digest("hex");
console.log(JSON.stringify({ peer: "node-llama-cpp 3.22.1", sha256, answers }, null, 1));
process.exit(0);
