using System.Collections.Frozen;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Causerie.Gateway.Dialects.OpenAi;
using Causerie.Gateway.Dialects.OpenAi.Completions;
using Causerie.Gateway.Dialects.OpenAi.Embeddings;
using Causerie.Gateway.Dialects.OpenAi.Responses;
using Causerie.Host.Serving;
using Causerie.Host.Serving.Access;
using Causerie.Inference;

namespace Causerie.Host.Endpoints;

/// <summary>Describes what this server really serves: the routes that are mapped, and the fields that it reads.</summary>
internal sealed partial class OpenApiEndpoint(KeyRing keys)
{
    private static readonly FrozenDictionary<string, string> Summaries = new Dictionary<string, string>
    {
        ["POST /v1/chat/completions"] = "A chat completion, whole or streamed",
        ["GET /v1/chat/completions"] = "The chat completions that are kept",
        ["GET /v1/chat/completions/{id}"] = "A kept chat completion",
        ["POST /v1/chat/completions/{id}"] = "Changes a kept chat completion's metadata",
        ["DELETE /v1/chat/completions/{id}"] = "Forgets a kept chat completion",
        ["GET /v1/chat/completions/{id}/messages"] = "What a kept chat completion was asked",
        ["POST /v1/completions"] = "A text goes on, whole or streamed",
        ["POST /v1/embeddings"] = "Vectors of texts",
        ["POST /v1/responses"] = "A response, whole or streamed",
        ["POST /v1/responses/input_tokens"] = "How many tokens a response would read",
        ["POST /v1/responses/compact"] = "Refused: conversations are not compacted here",
        ["POST /v1/moderations"] = "Refused: no classifier is configured here",
        ["POST /v1/tokenize"] = "The tokens of a text or of messages",
        ["POST /v1/detokenize"] = "The text of tokens",
        ["POST /v1/apply-template"] = "The prompt that messages come to",
        ["GET /v1/responses/{id}"] = "A kept response",
        ["DELETE /v1/responses/{id}"] = "Forgets a kept response",
        ["POST /v1/responses/{id}/cancel"] = "Cancels a response that is made in the background",
        ["GET /v1/responses/{id}/input_items"] = "What a kept response was asked",
        ["POST /v1/conversations"] = "Begins a conversation",
        ["GET /v1/conversations/{id}"] = "A conversation",
        ["POST /v1/conversations/{id}"] = "Changes a conversation's metadata",
        ["DELETE /v1/conversations/{id}"] = "Forgets a conversation with its items",
        ["GET /v1/conversations/{id}/items"] = "A conversation's items",
        ["POST /v1/conversations/{id}/items"] = "Adds items to a conversation",
        ["GET /v1/conversations/{id}/items/{item}"] = "One item of a conversation",
        ["DELETE /v1/conversations/{id}/items/{item}"] = "Forgets one item of a conversation",
        ["POST /v1/files"] = "Keeps a file that is sent as a form",
        ["GET /v1/files"] = "The files that are kept",
        ["GET /v1/files/{id}"] = "What is known of a file",
        ["GET /v1/files/{id}/content"] = "A file's bytes",
        ["DELETE /v1/files/{id}"] = "Deletes a file",
        ["POST /v1/batches"] = "Begins a batch: a file of requests, answered in the background",
        ["GET /v1/batches"] = "The batches that are kept",
        ["GET /v1/batches/{id}"] = "A batch as it stands",
        ["POST /v1/batches/{id}/cancel"] = "Ends a batch; what is answered by then is kept",
        ["GET /v1/models"] = "The models here",
        ["GET /v1/models/{id}"] = "One model",
        ["GET /v1/receipts/{id}"] = "A receipt of an answer",
        ["GET /health"] = "Whether the models named at start are loaded",
        ["GET /metrics"] = "Measures in Prometheus' text format",
        ["GET /openapi.json"] = "This description",
    }.ToFrozenDictionary();

    public void Map(IEndpointRouteBuilder routes)
    {
        // Once: a source of endpoints makes all of them anew whenever it is asked, which takes long.
        var description = new Lazy<JsonObject>(() => Describe(routes.DataSources));
        routes.MapGet("/openapi.json", (HttpContext http) => http.WriteJsonAsync(description.Value));
    }

    private JsonObject Describe(IEnumerable<EndpointDataSource> sources)
    {
        var paths = new SortedDictionary<string, JsonObject>(StringComparer.Ordinal);
        foreach (var route in sources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>())
        {
            string path = CatchAll().Replace("/" + route.RoutePattern.RawText!.TrimStart('/'), "{");
            foreach (string method in route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? [])
            {
                // The page is no API; paths without /v1 are those with it again.
                if (!Summaries.TryGetValue($"{method} {path}", out string? summary))
                    continue;
                if (!paths.TryGetValue(path, out var operations))
                    paths.Add(path, operations = []);
                operations[method.ToLowerInvariant()] = Operation(method, path, summary);
            }
        }

        var description = new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject
            {
                ["title"] = "Causerie",
                ["version"] = LoadedModel.EngineVersion,
                ["description"] = "Every path under /v1 is served without /v1, too. Fields that are not listed are refused by name.",
            },
            ["paths"] = new JsonObject(paths.Select(path => KeyValuePair.Create(path.Key, (JsonNode?)path.Value))),
            ["components"] = new JsonObject
            {
                ["schemas"] = new JsonObject
                {
                    ["ChatCompletionRequest"] = Fields(ChatFields.All
                        .Where(field => field.Treatment != FieldTreatment.Refused).Select(field => (field.Name, field.Note))),
                    ["CompletionRequest"] = Fields(CompletionFields.Served),
                    ["EmbeddingRequest"] = Fields(EmbeddingFields.Served),
                    ["ResponseRequest"] = Fields(ResponseFields.Served),
                },
                ["securitySchemes"] = new JsonObject { ["key"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer" } },
            },
        };
        if (!keys.IsEmpty)
            description["security"] = new JsonArray(new JsonObject { ["key"] = new JsonArray() });
        return description;
    }

    private static JsonObject Operation(string method, string path, string summary)
    {
        var operation = new JsonObject
        {
            ["summary"] = summary,
            ["responses"] = new JsonObject
            {
                ["200"] = new JsonObject { ["description"] = "As OpenAI's specification has it" },
                ["default"] = new JsonObject { ["description"] = "OpenAI's error envelope" },
            },
        };
        JsonNode[] parameters =
        [
            .. Parameter().Matches(path).Select(match => new JsonObject
            {
                ["name"] = match.Groups[1].Value,
                ["in"] = "path",
                ["required"] = true,
                ["schema"] = new JsonObject { ["type"] = "string" },
            }),
        ];
        if (parameters.Length > 0)
            operation["parameters"] = new JsonArray(parameters);
        if (method == "POST")
        {
            string? schema = path switch
            {
                "/v1/chat/completions" or "/v1/apply-template" => "ChatCompletionRequest",
                "/v1/completions" => "CompletionRequest",
                "/v1/embeddings" => "EmbeddingRequest",
                "/v1/responses" or "/v1/responses/input_tokens" => "ResponseRequest",
                _ => null,
            };
            JsonNode its = schema is null ? new JsonObject { ["type"] = "object" } : new JsonObject { ["$ref"] = $"#/components/schemas/{schema}" };
            string type = path == "/v1/files" ? "multipart/form-data" : "application/json";
            operation["requestBody"] = new JsonObject { ["content"] = new JsonObject { [type] = new JsonObject { ["schema"] = its } } };
        }

        return operation;
    }

    private static JsonObject Fields(IEnumerable<(string Name, string Note)> fields) => new()
    {
        ["type"] = "object",
        ["additionalProperties"] = false,
        ["properties"] = new JsonObject(fields.Select(field =>
            KeyValuePair.Create(field.Name, (JsonNode?)new JsonObject { ["description"] = field.Note }))),
    };

    [GeneratedRegex(@"\{\*+")]
    private static partial Regex CatchAll();

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Parameter();
}
