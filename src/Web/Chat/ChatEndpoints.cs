using Causerie.Conversations;
using Causerie.Conversations.Storage;
using Causerie.Conversations.Turns;
using Causerie.Web.State;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Causerie.Web.Chat;

/// <summary>What a person can do in a conversation: say, reword, ask again, go on, stop, step between versions.</summary>
internal static class ChatEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/page/begin", (BeginBody body, TurnRunner turns) =>
            new Begun(turns.Begin(body.Text, Settings(body.Model, body.System, body.Temperature)).Conversation.Id));
        var one = routes.MapGroup("/page/c/{id}");
        one.MapPost("/ask", (string id, TextBody body, TurnRunner turns) => { turns.Ask(id, body.Text); });
        one.MapPost("/reword", (string id, RewordBody body, TurnRunner turns) =>
        {
            turns.Reword(id, body.Message, body.Text);
        });
        one.MapPost("/again", (string id, MessageBody body, TurnRunner turns) =>
        {
            turns.AnswerAgain(id, body.Message);
        });
        one.MapPost("/go-on", (string id, MessageBody body, TurnRunner turns, HttpContext http) =>
        {
            turns.GoOn(id, body.Message, Visitor.Of(http.Request).Words.GoOnNudge);
        });
        one.MapPost("/show", (string id, MessageBody body, TurnRunner turns) => turns.Show(id, body.Message));
        one.MapPost("/stop", (string id, TurnRunner turns) => turns.Running(id)?.Stop());
        one.MapPost("/settings", (string id, SettingsBody body, Sqlite storage) =>
            storage.Save(id, Settings(body.Model, body.System, body.Temperature)));
        one.MapPost("/rename", (string id, TitleBody body, Sqlite storage) =>
        {
            if (Named(body.Title) is { } title)
                storage.Rename(id, title);
        });
        one.MapPost("/delete", (string id, TurnRunner turns) => turns.DeleteAsync(id));
    }

    private static ConversationSettings Settings(string? model, string? system, double? temperature) =>
        new(Named(model), Named(system), temperature);

    private static string? Named(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private sealed record BeginBody(string Text, string? Model, string? System, double? Temperature);

    private sealed record TextBody(string Text);

    private sealed record RewordBody(long Message, string Text);

    private sealed record MessageBody(long Message);

    private sealed record SettingsBody(string? Model, string? System, double? Temperature);

    private sealed record TitleBody(string Title);

    private sealed record Begun(string Id);
}
