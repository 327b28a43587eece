// Drives the official client against a running server and prints what it saw as one JSON object.
// Usage: node chat.mjs BASE_URL API_KEY SCENARIO
import OpenAI, { toFile } from "openai";
import { zodFunction, zodResponseFormat, zodTextFormat } from "openai/helpers/zod";
import { z } from "zod";

const [, , baseURL, apiKey, scenario] = process.argv;
const client = new OpenAI({ baseURL, apiKey, maxRetries: 0, timeout: 120_000 });
const messages = [{ role: "user", content: "Hello" }];

async function failure(attempt) {
  try {
    await attempt();
    return { error: null };
  } catch (error) {
    return {
      error: error.constructor.name,
      status: error.status ?? null,
      code: error.code ?? null,
      param: error.param ?? null,
      type: error.type ?? null,
      message: error.message,
      requestID: error.requestID ?? null,
    };
  }
}

const scenarios = {
  async chat() {
    const answer = await client.chat.completions.create({ model: "m", messages, temperature: 0, seed: 7 });
    return { answer, requestID: answer._request_id };
  },

  async guide() {
    const ask = content => ({ messages: [{ role: "user", content }], temperature: 0 });
    const whole = await client.chat.completions.create(ask("What is the capital of Japan?"));
    let streamed = "";
    const stream = await client.chat.completions.create({ ...ask("Quelle est la capitale du Japon ?"), stream: true });
    for await (const chunk of stream) streamed += chunk.choices[0]?.delta?.content ?? "";
    return { whole: whole.choices[0].message.content, streamed, model: whole.model };
  },

  async responses() {
    const whole = await client.responses.create({ model: "m", input: "Hello" });
    let deltas = 0;
    const stream = client.responses.stream({ model: "m", input: [{ role: "user", content: "Hello" }], previous_response_id: whole.id });
    stream.on("response.output_text.delta", () => deltas++);
    const streamed = await stream.finalResponse();
    const again = await client.responses.retrieve(streamed.id);
    await client.responses.delete(whole.id);
    const deleted = await client.responses.retrieve(whole.id).then(() => false, error => error.status === 404);
    return { whole: whole.output_text, streamed: streamed.output_text, again: again.output[0].content[0].text, deltas, deleted };
  },

  async kept() {
    const made = await client.chat.completions.create({ model: "m", messages, store: true, metadata: { topic: "a" } });
    const got = await client.chat.completions.retrieve(made.id);
    const changed = await client.chat.completions.update(made.id, { metadata: { topic: "b" } });
    const listed = await client.chat.completions.list({ metadata: { topic: "b" } });
    const asked = await client.chat.completions.messages.list(made.id);
    const deleted = await client.chat.completions.delete(made.id);
    const conversation = await client.conversations.create({ metadata: { a: "b" }, items: [{ type: "message", role: "user", content: "My name is Anna." }] });
    const response = await client.responses.create({ model: "m", conversation: conversation.id, input: "Hello" });
    const items = await client.conversations.items.list(conversation.id, { order: "asc" });
    const first = await client.conversations.items.retrieve(items.data[0].id, { conversation_id: conversation.id });
    const gone = await client.conversations.delete(conversation.id);
    return {
      got: got.choices[0].message.content, topic: changed.metadata.topic, listed: listed.data.map(one => one.id === made.id),
      asked: asked.data[0].content, deleted: deleted.deleted, items: items.data.map(item => item.role), first: first.content[0].text,
      gone: gone.deleted, response: response.output_text,
    };
  },

  async tools() {
    const parameters = { type: "object", properties: { expression: { type: "string" } }, required: ["expression"] };
    let called = null;
    const ask = { model: "causerie-guide", temperature: 0, messages: [{ role: "user", content: "What is 17 * 23?" }] };
    const runner = client.chat.completions.runTools({
      ...ask,
      tools: [{
        type: "function",
        function: {
          name: "calculator", description: "Works out an arithmetic expression.", parameters, parse: JSON.parse,
          function: ({ expression }) => { called = "calculator"; return String(eval(expression)); },
        },
      }],
    });
    const final = await runner.finalContent();
    const schema = {
      type: "object", properties: { age: { type: "integer" }, name: { type: "string", maxLength: 8 } }, required: ["age", "name"],
      additionalProperties: false,
    };
    const parsed = await client.chat.completions.parse({
      ...ask, response_format: { type: "json_schema", json_schema: { name: "person", strict: true, schema } },
    });
    const stream = client.chat.completions.stream({
      ...ask, tools: [{ type: "function", function: { name: "calculator", parameters } }],
    });
    let pieces = 0;
    stream.on("tool_calls.function.arguments.delta", () => pieces++);
    const streamed = (await stream.finalChatCompletion()).choices[0].message.tool_calls[0].function;
    const response = client.responses.stream({
      model: ask.model, temperature: 0, input: ask.messages[0].content, tools: [{ type: "function", name: "calculator", parameters, strict: false }],
    });
    let deltas = 0;
    response.on("response.function_call_arguments.delta", () => deltas++);
    const item = (await response.finalResponse()).output[0];
    return {
      called, final, parsed: JSON.parse(parsed.choices[0].message.content), streamed: streamed.name,
      pieces, arguments: streamed.arguments, deltas, item: item.arguments,
    };
  },

  async zod() {
    const Person = z.object({ name: z.string().max(12), age: z.number().int().min(0).max(120) });
    const Sum = z.object({ expression: z.string().max(20) });
    const model = "causerie-guide";
    const person = { model, temperature: 0, messages: [{ role: "user", content: "Anna is 31." }], response_format: zodResponseFormat(Person, "person") };
    const parsed = await client.chat.completions.parse(person);
    const streamed = await client.chat.completions.stream(person).finalChatCompletion();
    const ask = { model, temperature: 0, input: "Anna is 31.", text: { format: zodTextFormat(Person, "person") } };
    const response = await client.responses.parse(ask);
    const responseStreamed = await client.responses.stream(ask).finalResponse();
    const counted = await client.responses.inputTokens.count({ model, input: ask.input, text: ask.text });
    const sum = { model, temperature: 0, messages: [{ role: "user", content: "What is 17 * 23?" }] };
    const called = await client.chat.completions.parse({ ...sum, tools: [zodFunction({ name: "calculator", parameters: Sum })], tool_choice: "required" });
    const parameters = { type: "object", properties: { expression: { type: "string", maxLength: 20 } }, required: ["expression"] };
    const legacy = await client.chat.completions.create({ ...sum, functions: [{ name: "calculator", parameters }], function_call: { name: "calculator" } });
    return {
      parsed: parsed.choices[0].message.parsed, streamed: streamed.choices[0].message.parsed,
      response: response.output_parsed, responseStreamed: responseStreamed.output_parsed,
      counted: counted.input_tokens, read: response.usage.input_tokens,
      called: called.choices[0].message.tool_calls[0].function.parsed_arguments.expression,
      legacy: JSON.parse(legacy.choices[0].message.function_call.arguments).expression,
    };
  },

  async embeddings() {
    const input = ["a", "bcd"];
    return {
      whole: await client.embeddings.create({ model: "m", input }), // asks for base64 and unpacks it
      floats: await client.embeddings.create({ model: "m", input, encoding_format: "float" }),
      tokens: await client.embeddings.create({ model: "m", input: [7, 8, 9], dimensions: 2 }),
      empty: await failure(() => client.embeddings.create({ model: "m", input: "" })),
    };
  },

  async custom() {
    const date = { name: "date", format: { type: "grammar", grammar: { syntax: "regex", definition: '^(?P<day>\\d{2}) (?:à|")$' } } };
    const ask = { model: "causerie-guide", messages, temperature: 1.5, seed: 3, tools: [{ type: "custom", custom: date }] };
    const chat = await client.chat.completions.create({ ...ask, tool_choice: { type: "custom", custom: { name: "date" } }, parallel_tool_calls: false });
    const call = chat.choices[0].message.tool_calls[0];
    const told = await client.chat.completions.create({
      ...ask, temperature: 0, messages: [...messages, chat.choices[0].message, { role: "tool", tool_call_id: call.id, content: "done" }],
    });
    const run = { type: "custom", name: "run", format: { type: "grammar", syntax: "lark", definition: 'start: step | start step\nstep: "<" /[a-c]/ ">"' } };
    const stream = client.responses.stream({
      model: "causerie-guide", input: "Hello", tools: [run], tool_choice: { type: "custom", name: "run" }, parallel_tool_calls: false, temperature: 1.2,
    });
    let streamed = "";
    stream.on("response.custom_tool_call_input.delta", event => streamed += event.delta);
    const response = (await stream.finalResponse()).output.at(-1);
    return { chat: call, response, streamed, told: told.choices.length === 1 };
  },

  async stream() {
    const chunks = [];
    const stream = await client.chat.completions.create({
      model: "m", messages, stream: true, stream_options: { include_usage: true },
    });
    for await (const chunk of stream) chunks.push(chunk);
    return { chunks };
  },

  // The client's own accumulator is stricter than reading chunks one by one.
  async accumulate() {
    const runner = client.chat.completions.stream({ model: "m", messages });
    let deltas = 0;
    runner.on("content", () => deltas++);
    const final = await runner.finalChatCompletion();
    return { deltas, final };
  },

  async abort() {
    const stream = await client.chat.completions.create({ model: "m", messages, stream: true });
    let seen = 0;
    for await (const chunk of stream) {
      if (chunk.choices[0].delta.content && ++seen === 2) {
        stream.controller.abort();
        break;
      }
    }
    return { seen };
  },

  async models() {
    const ids = [];
    for await (const model of client.models.list()) ids.push(model.id);
    return { ids, one: await client.models.retrieve(ids[0]) };
  },

  invalid: () => failure(() => client.chat.completions.create({ model: "m", messages, temperature: 3 })),
  async files() {
    const body = "Zoë 😀\n".repeat(1000);
    const sent = await client.files.create({
      file: await toFile(Buffer.from(body), "a.txt"), purpose: "user_data", expires_after: { anchor: "created_at", seconds: 3600 },
    });
    const got = await client.files.retrieve(sent.id);
    const other = await client.files.create({ file: await toFile(Buffer.from("x"), "b.txt"), purpose: "user_data" });
    const listed = [];
    for await (const file of client.files.list({ purpose: "user_data", limit: 1, order: "asc" })) listed.push(file.filename);
    const content = await (await client.files.content(sent.id)).text();
    const deleted = await client.files.delete(sent.id);
    return {
      same: content === body, lasts: got.expires_at - got.created_at, keeps: other.expires_at ?? null, listed, deleted: deleted.deleted,
      gone: await failure(() => client.files.retrieve(sent.id)),
      refused: await failure(async () => client.files.create({ file: await toFile(Buffer.from("x"), "c"), purpose: "fine-tune" })),
    };
  },

  async batches() {
    const line = id => JSON.stringify({ custom_id: id, method: "POST", url: "/v1/chat/completions", body: { model: "m", messages } });
    const file = await client.files.create({ file: await toFile(Buffer.from(["a", "b"].map(line).join("\n")), "in.jsonl"), purpose: "batch" });
    const begin = () => client.batches.create({
      input_file_id: file.id, endpoint: "/v1/chat/completions", completion_window: "24h", metadata: { k: "v" },
    });
    let batch = await begin();
    while (!["completed", "failed"].includes(batch.status)) {
      await new Promise(resolve => setTimeout(resolve, 20));
      batch = await client.batches.retrieve(batch.id);
    }

    const lines = (await (await client.files.content(batch.output_file_id)).text()).trim().split("\n").map(JSON.parse);
    const listed = [];
    for await (const one of client.batches.list({ limit: 1 })) listed.push(one.id === batch.id);
    return {
      status: batch.status, counts: batch.request_counts, ids: lines.map(one => one.custom_id).sort(),
      texts: lines.map(one => one.response.body.choices[0].message.content), listed,
      late: await failure(() => client.batches.cancel(batch.id)),
      refused: await failure(() => client.batches.create({ input_file_id: "file-0", endpoint: "/v1/chat/completions", completion_window: "24h" })),
    };
  },

  async cancelBatch() {
    const line = id => JSON.stringify({ custom_id: id, method: "POST", url: "/v1/chat/completions", body: { model: "m", messages } });
    const file = await client.files.create({ file: await toFile(Buffer.from(["a", "b"].map(line).join("\n")), "in.jsonl"), purpose: "batch" });
    let batch = await client.batches.create({ input_file_id: file.id, endpoint: "/v1/chat/completions", completion_window: "24h" });
    await client.batches.cancel(batch.id);
    while (batch.status !== "cancelled") {
      await new Promise(resolve => setTimeout(resolve, 20));
      batch = await client.batches.retrieve(batch.id);
    }

    return { status: batch.status };
  },

  unsupported: () => failure(() => client.chat.completions.create({ model: "m", messages, modalities: ["text", "audio"] })),
  missing: () => failure(() => client.chat.completions.create({ model: "nope", messages })),
  missingModel: () => failure(() => client.models.retrieve("nope")),
  unauthorized: () => failure(() => client.chat.completions.create({ model: "m", messages })),

  middle: () => failure(async () => {
    const stream = await client.chat.completions.create({ model: "m", messages, stream: true });
    for await (const chunk of stream) void chunk;
  }),
};

console.log(JSON.stringify(await scenarios[scenario]()));
