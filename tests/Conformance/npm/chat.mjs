// Drives the official client against a running server and prints what it saw as one JSON object.
// Usage: node chat.mjs BASE_URL API_KEY SCENARIO
import OpenAI from "openai";

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
    const streamed = (await stream.finalChatCompletion()).choices[0].message.tool_calls[0].function.name;
    return { called, final, parsed: JSON.parse(parsed.choices[0].message.content), streamed };
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
