using System.Globalization;
using Causerie.Chat;

namespace Causerie.Web.State;

/// <summary>Every word on the page, in one language; a language that lacks one does not compile.</summary>
public sealed record Words
{
    public required string Language { get; init; }
    public required string LanguageName { get; init; }
    public required string Tagline { get; init; }

    public required string NewChat { get; init; }
    public required string Conversations { get; init; }
    public required string Search { get; init; }
    public required string NothingFound { get; init; }
    public required string NoConversations { get; init; }
    public required Func<int, string> OnlyNewest { get; init; }
    public required string Today { get; init; }
    public required string Yesterday { get; init; }
    public required string LastDays { get; init; }
    public required string Earlier { get; init; }
    public required string Rename { get; init; }
    public required string Delete { get; init; }
    public required string DeleteQuestion { get; init; }
    public required string DeleteWarning { get; init; }
    public required string BeingWritten { get; init; }
    public required string Menu { get; init; }
    public required string SkipToMessage { get; init; }

    public required string Greeting { get; init; }
    public required IReadOnlyList<string> Ideas { get; init; }
    public required string Placeholder { get; init; }
    public required string Message { get; init; }
    public required string Send { get; init; }
    public required string Stop { get; init; }
    public required string Keys { get; init; }
    public required string LocalNote { get; init; }
    public required string You { get; init; }
    public required string Model { get; init; }
    public required string Copy { get; init; }
    public required string Copied { get; init; }
    public required string Edit { get; init; }
    public required string SaveEdit { get; init; }
    public required string Cancel { get; init; }
    public required string AnswerAgain { get; init; }
    public required string Retry { get; init; }
    public required string AnswerThis { get; init; }
    public required string GoOn { get; init; }
    public required string GoOnNudge { get; init; }
    public required string PreviousVersion { get; init; }
    public required string NextVersion { get; init; }
    public required Func<int, int, string> Version { get; init; }
    public required string ToTheEnd { get; init; }
    public required string Thinking { get; init; }
    public required string Thoughts { get; init; }
    public required string Waiting { get; init; }
    public required Func<int, int, string> Reading { get; init; }
    public required Func<string, int?, string> LoadingModel { get; init; }
    public required Func<ModelLoadStage, string> LoadingStage { get; init; }
    public required Func<double, string> Speed { get; init; }
    public required Func<int, string> Tokens { get; init; }
    public required string Stopped { get; init; }
    public required string Interrupted { get; init; }
    public required string CutShort { get; init; }
    public required Func<ChatErrorKind, string> Failed { get; init; }
    public required string AnswerReady { get; init; }

    public required string Settings { get; init; }
    public required string Close { get; init; }
    public required string FirstModel { get; init; }
    public required string NotLoaded { get; init; }
    public required string SystemPrompt { get; init; }
    public required string SystemPromptHint { get; init; }
    public required string Temperature { get; init; }
    public required string TemperatureHint { get; init; }
    public required string ModelsOwn { get; init; }
    public required string LeaveToModel { get; init; }
    public required string ForThisConversation { get; init; }
    public required string ForThisPage { get; init; }
    public required string PageLanguage { get; init; }
    public required string Theme { get; init; }
    public required string ThemeAuto { get; init; }
    public required string ThemeLight { get; init; }
    public required string ThemeDark { get; init; }
    public required string AddModel { get; init; }

    public required string NoModel { get; init; }
    public required string NoModelLead { get; init; }
    public required string Drop { get; init; }
    public required string DropHint { get; init; }
    public required string ChooseFile { get; init; }
    public required string ByPath { get; init; }
    public required string PathPlaceholder { get; init; }
    public required string Load { get; init; }
    public required string ByPull { get; init; }
    public required string ByPullHint { get; init; }
    public required string SuggestedModel { get; init; }
    public required string SuggestedSize { get; init; }
    public required string SuggestedHere { get; init; }
    public required Func<string, string> TooLargeHere { get; init; }
    public required Func<double, string> AboutSpeed { get; init; }
    public required string FitsHere { get; init; }
    public required Func<double?, string> BuiltInLead { get; init; }
    public required string BuiltInMore { get; init; }
    public required IReadOnlyList<string> BuiltInIdeas { get; init; }
    public required string ByFolder { get; init; }
    public required string Sending { get; init; }
    public required string NotGguf { get; init; }
    public required string SendFailed { get; init; }

    public required string SignIn { get; init; }
    public required string SignInLead { get; init; }
    public required string Key { get; init; }
    public required string WrongKey { get; init; }
    public required string GoneTitle { get; init; }
    public required string GoneLead { get; init; }
    public required string Offline { get; init; }
    public required string Oops { get; init; }

    /// <summary>The letter of bytes: B, or o for octets.</summary>
    public required string ByteMark { get; init; }

    /// <summary>A decimal number as this language writes it.</summary>
    public required string DecimalMark { get; init; }

    /// <summary>How far a model is on its way into memory, in one line.</summary>
    public string OnItsWay(ModelLoad load)
    {
        string model = LoadingModel(load.Model, load.Fraction is { } fraction ? (int)(fraction * 100) : null);
        return load.Stage is { } stage ? $"{model} · {LoadingStage(stage)}" : model;
    }

    /// <summary>A size in mega- or gigabytes.</summary>
    public string Size(long bytes) =>
        bytes < 1_000_000_000 ? $"{Number(bytes / 1e6)} M{ByteMark}" : $"{Number(bytes / 1e9)} G{ByteMark}";

    /// <summary>The number with at most one digit after the mark.</summary>
    public string Number(double value) =>
        value.ToString(value >= 100 ? "0" : "0.0", CultureInfo.InvariantCulture).Replace(".", DecimalMark);
}
