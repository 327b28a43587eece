using System.Buffers;
using System.Text.Json.Nodes;
using Causerie.Chat;
using Causerie.Conversations.Storage;
using Causerie.Gateway.Dialects;
using Causerie.Gateway.Dialects.OpenAi;
using Causerie.Gateway.Dialects.OpenAi.Responses;
using Causerie.Gateway.Dialects.OpenAi.Tokens;
using Causerie.Host.Models;
using Causerie.Host.Serving;

namespace Causerie.Host.Endpoints;

/// <summary>What a model here would read: the tokens of a text, the text of tokens, prompts, and how many tokens they have.</summary>
internal sealed class PromptEndpoints(
    ModelLibrary library, IChatModel model, ApiObjects objects, ServerOptions options, TimeProvider clock)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        foreach (string root in (string[])["/v1", ""])
        {
            routes.MapPost(root + "/responses/input_tokens", http => AnswerAsync(http, CountAsync));
            routes.MapPost(root + "/tokenize", http => AnswerAsync(http, TokenizeAsync));
            routes.MapPost(root + "/detokenize", http => AnswerAsync(http, DetokenizeAsync));
            routes.MapPost(root + "/apply-template", http => AnswerAsync(http, RenderAsync));
        }
    }

    private async Task<Action<IBufferWriter<byte>>> CountAsync(
        ReadOnlyMemory<byte> body, DialectContext context, CancellationToken cancellationToken)
    {
        var asked = InputTokens.Read(body, context);
        int tokens = await library.LookAsync(asked.Model, local => local.PromptOf(asked).Length, cancellationToken);
        return Refusals.Written(InputTokens.Answer(tokens));
    }

    private Task<Action<IBufferWriter<byte>>> TokenizeAsync(
        ReadOnlyMemory<byte> body, DialectContext context, CancellationToken cancellationToken)
    {
        var asked = TokenizeBody.Read(body, context);
        return library.LookAsync<Action<IBufferWriter<byte>>>(asked.Asked.Model, local =>
        {
            var tokenizer = local.Model.Tokenizer;
            int[] tokens = asked.Asked.Text is { } text
                ? tokenizer.Encode(text, asked.AddSpecial, asked.ParseSpecial)
                : local.PromptOf(asked.Asked);
            var written = new ArrayBufferWriter<byte>(); // now, while the model stays
            asked.Write(written, tokens, id => tokenizer.Bytes(id, showSpecial: true), local.Model.ContextLength);
            return output => output.Write(written.WrittenSpan);
        }, cancellationToken);
    }

    private async Task<Action<IBufferWriter<byte>>> DetokenizeAsync(
        ReadOnlyMemory<byte> body, DialectContext context, CancellationToken cancellationToken)
    {
        var asked = DetokenizeBody.Read(body, context);
        string text = await library.LookAsync(asked.Model, local =>
        {
            asked.Check(local.Model.Tokenizer.Vocabulary.Tokens.Length);
            return local.Model.Tokenizer.Decode(asked.Tokens.AsSpan(), showSpecial: true);
        }, cancellationToken);
        return output => DetokenizeBody.Write(output, text);
    }

    // The body is that of a chat completion, whose fields all have a say in the prompt or are checked alike.
    private async Task<Action<IBufferWriter<byte>>> RenderAsync(
        ReadOnlyMemory<byte> body, DialectContext context, CancellationToken cancellationToken)
    {
        var asked = new OpenAiChat().Read(body, context).Request;
        string prompt = await library.LookAsync(asked.Model, local => local.Render(asked), cancellationToken);
        return Refusals.Written(new JsonObject { ["prompt"] = prompt });
    }

    private async Task AnswerAsync(HttpContext http, Answering answer)
    {
        Action<IBufferWriter<byte>> write;
        try
        {
            var body = await RequestBody.ReadAsync(http.Request, options);
            write = await answer(body, Known.To(http, model, objects, clock), http.RequestAborted);
        }
        catch (Exception refused) when (refused is RejectedException or ChatException)
        {
            await http.RefuseAsync(Errors.Describe(refused));
            return;
        }

        await http.WriteJsonAsync(write);
    }

    private delegate Task<Action<IBufferWriter<byte>>> Answering(
        ReadOnlyMemory<byte> body, DialectContext context, CancellationToken cancellationToken);
}
