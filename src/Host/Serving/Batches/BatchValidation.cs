using System.Collections.Immutable;
using Causerie.Gateway.Dialects;
using Causerie.Gateway.Dialects.OpenAi.Batches;

namespace Causerie.Host.Serving.Batches;

/// <summary>What the lines of an input file are: how many, of which model, and what is wrong with them.</summary>
/// <param name="Total">How many.</param>
/// <param name="Model">The model that they ask; null where they differ.</param>
/// <param name="Errors">What is wrong, and in which line.</param>
internal sealed record BatchValidation(int Total, string? Model, ImmutableArray<(DialectError Error, int? Line)> Errors)
{
    private const int MostRequests = 50_000;
    private const int MostErrors = 100;

    /// <summary>Looks at each line.</summary>
    /// <param name="input">The file.</param>
    /// <param name="endpoint">Where the batch's requests go.</param>
    /// <param name="longest">The longest line.</param>
    /// <param name="cancellationToken">Ends the looking.</param>
    public static async Task<BatchValidation> OfAsync(Stream input, string endpoint, long longest, CancellationToken cancellationToken)
    {
        var errors = ImmutableArray.CreateBuilder<(DialectError Error, int? Line)>();
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        var models = new HashSet<string?>();
        int wrong = 0, total = 0;
        await foreach (var line in JsonLines.ReadAsync(input, longest, cancellationToken))
        {
            if (++total > MostRequests)
            {
                errors.Insert(0, (Gateway.Dialects.OpenAi.Errors.Invalid(
                    $"A batch may have at most {MostRequests:N0} requests.", null, "too_many_requests"), line.Number));
                break;
            }

            if (Problem(line, endpoint, longest, lines, models) is not { } problem)
                continue;
            if (++wrong <= MostErrors)
                errors.Add((problem, line.Number));
        }

        if (wrong > MostErrors)
        {
            errors.Add((Gateway.Dialects.OpenAi.Errors.Invalid(
                $"{wrong - MostErrors:N0} more lines are malformed.", null, "more_errors"), null));
        }

        if (total == 0)
            errors.Add((Gateway.Dialects.OpenAi.Errors.Invalid("The input file has no lines.", "input_file_id", "empty_file"), null));
        return new BatchValidation(total, models.Count == 1 ? models.Single() : null, errors.ToImmutable());
    }

    private static DialectError? Problem(
        JsonLine line, string endpoint, long longest, Dictionary<string, int> lines, HashSet<string?> models)
    {
        if (line.TooLong)
        {
            return Gateway.Dialects.OpenAi.Errors.Invalid(
                $"The line is longer than the {longest:N0} bytes that a request may have.", null, "request_too_large");
        }

        try
        {
            var request = BatchLine.Read(line.Bytes, endpoint);
            models.Add(request.Model);
            return lines.TryAdd(request.CustomId, line.Number) ? null : Gateway.Dialects.OpenAi.Errors.Invalid(
                $"The custom_id '{request.CustomId}' is that of line {lines[request.CustomId]}, too.", "custom_id", "duplicate_custom_id");
        }
        catch (RejectedException refused)
        {
            return refused.Error;
        }
    }
}
