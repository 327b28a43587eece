using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Causerie.Gateway.Dialects.OpenAi.Batches;

/// <summary>A batch as the API tells it, and as it is kept.</summary>
public sealed class BatchObject
{
    /// <summary>Under which kind batches are kept.</summary>
    public const string Kind = "batch";

    /// <summary>Its lines are being looked at.</summary>
    public const string Validating = "validating";

    /// <summary>Its requests are being answered.</summary>
    public const string InProgress = "in_progress";

    /// <summary>Its files are being put in place.</summary>
    public const string Finalizing = "finalizing";

    /// <summary>Every request was answered or refused.</summary>
    public const string Completed = "completed";

    /// <summary>No request could be sent.</summary>
    public const string Failed = "failed";

    /// <summary>It has been asked to end.</summary>
    public const string Cancelling = "cancelling";

    /// <summary>It ended because it was asked to.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>Its time was over before its requests.</summary>
    public const string Expired = "expired";

    private static readonly TimeSpan Window = TimeSpan.FromHours(24);

    private readonly JsonObject _json;

    private BatchObject(JsonObject json) => _json = json;

    /// <summary>A batch that begins.</summary>
    public static BatchObject Begin(BatchDraft draft, DateTimeOffset now) => new(new JsonObject
    {
        ["id"] = NewId("batch"),
        ["object"] = "batch",
        ["endpoint"] = draft.Endpoint,
        ["input_file_id"] = draft.InputFileId,
        ["completion_window"] = BatchDraft.Window,
        ["status"] = Validating,
        ["created_at"] = now.ToUnixTimeSeconds(),
        ["expires_at"] = (now + Window).ToUnixTimeSeconds(),
        ["request_counts"] = Counts(0, 0, 0),
        ["metadata"] = draft.Metadata ?? [],
    });

    /// <summary>A batch that was kept.</summary>
    public static BatchObject Parse(string json) => new(JsonNode.Parse(json)!.AsObject());

    /// <summary>Its name.</summary>
    public string Id => (string)_json["id"]!;

    /// <summary>Where its requests go.</summary>
    public string Endpoint => (string)_json["endpoint"]!;

    /// <summary>The file that holds them.</summary>
    public string InputFileId => (string)_json["input_file_id"]!;

    /// <summary>Where it stands.</summary>
    public string Status => (string)_json["status"]!;

    /// <summary>When its time is over.</summary>
    public DateTimeOffset Expires => DateTimeOffset.FromUnixTimeSeconds((long)_json["expires_at"]!);

    /// <summary>Requests in all; 0 until they were looked at.</summary>
    public int Total => (int)_json["request_counts"]!["total"]!;

    /// <summary>A new name of a batch or of a request of one.</summary>
    public static string NewId(string kind) => $"{kind}_{RandomNumberGenerator.GetHexString(32, lowercase: true)}";

    /// <summary>Moves it on.</summary>
    public void Become(string status, DateTimeOffset now)
    {
        _json["status"] = status;
        _json[$"{status}_at"] = now.ToUnixTimeSeconds();
    }

    /// <summary>Notes what its lines are.</summary>
    /// <param name="total">How many.</param>
    /// <param name="model">The model that they ask; null where they differ.</param>
    public void Learn(int total, string? model)
    {
        _json["request_counts"] = Counts(total, 0, 0);
        if (model is not null)
            _json["model"] = model;
    }

    /// <summary>Notes how far it is.</summary>
    public void Count(int completed, int failed, BatchUsage usage)
    {
        _json["request_counts"] = Counts(Total, completed, failed);
        _json["usage"] = usage.ToJson();
    }

    /// <summary>Notes what is wrong with its input.</summary>
    /// <param name="errors">What, and in which line.</param>
    public void Complain(IEnumerable<(DialectError Error, int? Line)> errors) => _json["errors"] = new JsonObject
    {
        ["object"] = "list",
        ["data"] = new JsonArray([.. errors.Select(one => new JsonObject
        {
            ["code"] = one.Error.Code,
            ["message"] = one.Error.Message,
            ["param"] = one.Error.Param,
            ["line"] = one.Line,
        })]),
    };

    /// <summary>Notes the files that it wrote.</summary>
    public void Wrote(string? outputFileId, string? errorFileId)
    {
        if (outputFileId is not null)
            _json["output_file_id"] = outputFileId;
        if (errorFileId is not null)
            _json["error_file_id"] = errorFileId;
    }

    /// <summary>It, as it stands.</summary>
    public JsonObject ToJson() => _json.DeepClone().AsObject();

    private static JsonObject Counts(int total, int completed, int failed) =>
        new() { ["total"] = total, ["completed"] = completed, ["failed"] = failed };
}
