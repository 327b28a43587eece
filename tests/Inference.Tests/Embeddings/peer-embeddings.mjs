// node peer-embeddings.mjs FOLDER > peer-embeddings.json
// What llama.cpp (npm node-llama-cpp 3.22.1) makes of the models that EncoderConformanceTests leaves in FOLDER.
import { getLlama } from "node-llama-cpp";
import path from "node:path";

const folder = process.argv[2];
const prompts = [
  [1, 75, 2],
  [1, 75, 64, 71, 11, 90, 33, 44, 2],
  [1, ...Array.from({ length: 70 }, (_, i) => 3 + (7 * i * i + 3 * i + 5) % 93), 2], // begins and ends as the client would have it
];
const llama = await getLlama({ gpu: false, build: "never", maxThreads: 2, logLevel: "error" });
const values = {};
for (const name of ["bert", "nomic-bert", "qwen3-mean", "qwen3-cls", "qwen3-last"]) {
  const model = await llama.loadModel({ modelPath: path.join(folder, name + ".gguf") });
  const context = await model.createEmbeddingContext({ contextSize: 128, batchSize: 128 });
  values[name] = [];
  for (const tokens of prompts) {
    const { vector } = await context.getEmbeddingFor(tokens);
    const norm = Math.hypot(...vector);
    values[name].push({ tokens, vector: vector.map(value => Number((value / norm).toPrecision(6))) });
  }
  await model.dispose();
}
console.log("{\n" + Object.entries(values).map(([name, cases]) =>
  ` "${name}": [\n` + cases.map(one => "  " + JSON.stringify(one)).join(",\n") + "\n ]").join(",\n") + "\n}");
process.exit(0);
