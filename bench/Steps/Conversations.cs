using System.Text.Json.Nodes;

namespace Causerie.Bench.Steps;

/// <summary>Conversations to render.</summary>
internal static class Conversations
{
    /// <summary>Questions and answers, and a last question.</summary>
    public static JsonObject OfTurns(int turns)
    {
        var messages = new JsonArray();
        for (int i = 0; i < turns; i++)
        {
            messages.Add(Message("user", $"Question {i}: what follows from the axioms of the theory? Explain step by step."));
            messages.Add(Message("assistant", $"Answer {i}: " + string.Concat(Enumerable.Repeat("it follows at once. ", 20))));
        }

        messages.Add(Message("user", "And then?"));
        return new JsonObject
        {
            ["messages"] = messages,
            ["add_generation_prompt"] = true,
            ["bos_token"] = "<s>",
            ["eos_token"] = "</s>",
        };

        static JsonNode Message(string role, string text) => new JsonObject { ["role"] = role, ["content"] = text };
    }
}
