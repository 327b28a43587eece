// Drives libraries that programs use on top of the API against a running server with the model that ships, and prints what
// they saw as one JSON object.
// Usage: node ecosystem.mjs BASE_URL API_KEY SCENARIO
import { createOpenAI } from "@ai-sdk/openai";
import { generateObject, generateText, stepCountIs, streamText, tool } from "ai";
import { HumanMessage } from "@langchain/core/messages";
import { tool as langTool } from "@langchain/core/tools";
import { ChatOpenAI } from "@langchain/openai";
import { z } from "zod";

const [, , baseURL, apiKey, scenario] = process.argv;
const model = "causerie-guide";
const japan = "What is the capital of Japan?";
const sum = "What is 17 * 23?";
const person = z.object({ name: z.string().max(12), age: z.number().int().min(0).max(120) });
const expression = z.object({ expression: z.string() });

// The two APIs through Vercel's SDK: what one sees, the other must see.
async function vercel(its) {
  const whole = await generateText({ model: its, prompt: japan, temperature: 0 });
  let streamed = "";
  for await (const piece of streamText({ model: its, prompt: japan, temperature: 0 }).textStream) streamed += piece;
  const object = await generateObject({ model: its, schema: person, prompt: "Anna is 31.", temperature: 0 });
  let called = null;
  const calculator = tool({
    description: "Works out an arithmetic expression.", inputSchema: expression,
    execute: async ({ expression: asked }) => { called = asked; return String(eval(asked)); },
  });
  const steps = await generateText({ model: its, prompt: sum, temperature: 0, tools: { calculator }, stopWhen: stepCountIs(2) });
  return {
    whole: whole.text, streamed, object: object.object, called, steps: steps.steps.length,
    tokens: whole.usage.outputTokens, reason: steps.steps[0].finishReason,
  };
}

const scenarios = {
  vercelChat: () => vercel(createOpenAI({ baseURL, apiKey }).chat(model)),

  vercelResponses: () => vercel(createOpenAI({ baseURL, apiKey }).responses(model)),

  async langchain() {
    const chat = new ChatOpenAI({ model, apiKey, temperature: 0, maxRetries: 0, configuration: { baseURL } });
    const whole = await chat.invoke([new HumanMessage(japan)]);
    let streamed = "";
    for await (const piece of await chat.stream(japan)) streamed += piece.content;
    const calculator = langTool(({ expression: asked }) => String(eval(asked)), {
      name: "calculator", description: "Works out an arithmetic expression.", schema: expression,
    });
    const call = (await chat.bindTools([calculator]).invoke(sum)).tool_calls[0];
    const object = await chat.withStructuredOutput(person, { method: "jsonSchema", strict: true }).invoke("Anna is 31.");
    return { whole: whole.content, streamed, called: call.args.expression, object, tokens: whole.usage_metadata.output_tokens };
  },
};

console.log(JSON.stringify(await scenarios[scenario]()));
