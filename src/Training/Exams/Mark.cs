namespace Causerie.Training.Exams;

/// <summary>How an answer was marked.</summary>
/// <param name="Passed">Whether it is right.</param>
/// <param name="Reason">Why not; empty where it is.</param>
public sealed record Mark(bool Passed, string Reason)
{
    /// <summary>Whether it says that the question is beyond the model.</summary>
    public bool Declined { get; init; }

    /// <summary>Whether it states something about what is beyond the model.</summary>
    public bool InventedFact { get; init; }

    /// <summary>Whether it is in the other language.</summary>
    public bool WrongLanguage { get; init; }
}
