using Causerie.Compute.Formats;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Memory;

/// <summary>The matrices of a model with sixteen rows side by side, as the kernels read them.</summary>
/// <remarks>
/// Panels have every byte of the file's rows in another order, so they need no more memory; the file's own pages are
/// given back as soon as they are copied. Matrices whose rows are not whole units, which small models may have, stay.
/// </remarks>
public sealed unsafe class WeightPanels
{
    private const int Alignment = 4096;

    /// <summary>What is resident twice at most while weights move.</summary>
    private const long PieceBytes = 16 << 20;

    private readonly WeightStorage[] _storages;
    private readonly long[] _offsets;

    private WeightPanels(WeightStorage[] storages, long[] offsets, long bytes)
    {
        _storages = storages;
        _offsets = offsets;
        Bytes = bytes;
    }

    /// <summary>Bytes of all panels, each matrix beginning on a page.</summary>
    public long Bytes { get; }

    /// <summary>Matrices that are moved.</summary>
    public int Count => _storages.Length;

    /// <summary>Plans the panels of <paramref name="matrices"/>; slices of one matrix count once.</summary>
    /// <exception cref="OverflowException">Their bytes exceed 64 bits.</exception>
    public static WeightPanels Of(IEnumerable<WeightMatrix> matrices)
    {
        WeightStorage[] storages =
            [.. matrices.Select(matrix => matrix.Storage).Distinct().Where(storage => storage.FitsPanels && !storage.Place.InPanels)];
        var offsets = new long[storages.Length];
        long end = 0;
        for (int i = 0; i < storages.Length; i++)
        {
            offsets[i] = end;
            end = checked(end + LengthOf(storages[i]));
            end = checked((end + Alignment - 1) / Alignment * Alignment);
        }

        return new WeightPanels(storages, offsets, end);
    }

    /// <summary>Where matrix <paramref name="index"/> begins and how many bytes it has.</summary>
    public (long Offset, long Length) Place(int index) => (_offsets[index], LengthOf(_storages[index]));

    /// <summary>The shape of matrix <paramref name="index"/>, for those who keep panels.</summary>
    public (int Format, int Rows, int Columns) Shape(int index) =>
        (_storages[index].Format.Id, _storages[index].Rows, _storages[index].Columns);

    /// <summary>Copies all matrices to new memory on all threads; from then on they are read there.</summary>
    /// <param name="pool">The threads.</param>
    /// <param name="progress">Told the part that is done, 0 to 1.</param>
    /// <param name="cancellationToken">Ends the work between two pieces; the matrices then stay where they are.</param>
    /// <returns>The memory; disposed of when the matrices are not used any more.</returns>
    /// <exception cref="OutOfMemoryException">There is no memory.</exception>
    public MemoryRegion Build(
        WorkerPool pool, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        var memory = AnonymousMemory.Allocate(Bytes);
        try
        {
            long done = 0;
            for (int i = 0; i < _storages.Length; i++)
            {
                long before = done;
                Copy(_storages[i], memory.Start + _offsets[i], pool, copied =>
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    done = before + copied;
                    progress?.Report((double)done / Math.Max(1, Bytes));
                });
            }
        }
        catch
        {
            memory.Dispose();
            throw;
        }

        for (int i = 0; i < _storages.Length; i++)
            _storages[i].MoveTo(memory, memory.Start + _offsets[i]);
        return memory;
    }

    /// <summary>Reads all matrices from a file that holds the panels from <paramref name="offset"/> on.</summary>
    /// <param name="file">The file; disposed of when the matrices are not used any more.</param>
    /// <param name="offset">A multiple of 64.</param>
    /// <exception cref="ArgumentOutOfRangeException">They do not lie inside the file.</exception>
    public void Adopt(MappedFile file, long offset)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(offset % 64, 0, nameof(offset));
        byte* start = file.Pointer(offset, Bytes);
        for (int i = 0; i < _storages.Length; i++)
            _storages[i].MoveTo(file, start + _offsets[i]);
    }

    /// <summary>
    /// Copies adopted matrices from their file to huge pages, one after another, while products go on: a file's small
    /// pages cost a fifth of the speed of generation.
    /// </summary>
    /// <param name="cancellationToken">Ends the work; matrices not copied by then stay in the file.</param>
    /// <returns>The memory; null where the system has no huge pages to give.</returns>
    /// <exception cref="OutOfMemoryException">There is no memory.</exception>
    public MemoryRegion? MoveToHugePages(CancellationToken cancellationToken)
    {
        if (!AnonymousMemory.HasHugePages)
            return null;
        var memory = AnonymousMemory.Allocate(Bytes);
        for (int i = 0; i < _storages.Length; i++)
        {
            var place = _storages[i].Place;
            byte* target = memory.Start + _offsets[i];
            long length = LengthOf(_storages[i]);
            place.Region.Enter();
            try
            {
                for (long at = 0; at < length && !cancellationToken.IsCancellationRequested; at += PieceBytes)
                {
                    long bytes = Math.Min(PieceBytes, length - at);
                    Buffer.MemoryCopy(place.Data + at, target + at, bytes, bytes);
                    MappedFile.Forget(place.Data + at, bytes); // A product under way finds them in the file's cache.
                }

                if (cancellationToken.IsCancellationRequested)
                    break;
                _storages[i].MoveTo(memory, target);
            }
            finally
            {
                place.Region.Exit();
            }
        }

        return memory;
    }

    /// <summary>Some bytes of all panels, once they are built or adopted.</summary>
    /// <param name="start">First byte.</param>
    /// <param name="length">Bytes.</param>
    /// <exception cref="InvalidOperationException">They are neither.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The bytes are not inside the panels.</exception>
    public ReadOnlySpan<byte> Slice(long start, int length)
    {
        if (_storages.Length == 0 || !_storages[0].Place.InPanels)
            throw new InvalidOperationException("The panels are not built.");
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, Bytes - length);
        return new ReadOnlySpan<byte>(_storages[0].Place.Data + start, length);
    }

    private static long LengthOf(WeightStorage storage) => PanelLayout.BytesOf(storage.Rows, storage.RowBytes);

    private static void Copy(WeightStorage storage, byte* target, WorkerPool pool, Action<long> copied)
    {
        var place = storage.Place;
        long panelBytes = storage.RowBytes * PanelLayout.Rows;
        int panels = (int)(LengthOf(storage) / panelBytes);
        int ofPiece = (int)Math.Clamp(PieceBytes / panelBytes, 1, panels);
        place.Region.Enter();
        try
        {
            for (int first = 0; first < panels; first += ofPiece)
            {
                int count = Math.Min(ofPiece, panels - first);
                ReadAhead(storage, place, panelBytes * (first + count), PieceBytes);
                var work = new Packing { Storage = storage, Source = place.Data, Target = target, First = first };
                pool.Run(count, ref work);
                if (place.Region is MappedFile)
                    MappedFile.Forget(
                        place.Data + (panelBytes * first),
                        Math.Min(count * panelBytes, (storage.Rows * storage.RowBytes) - (panelBytes * first)));
                copied((first + count) * panelBytes);
            }
        }
        finally
        {
            place.Region.Exit();
        }
    }

    /// <summary>What is copied next comes from the disk while this is copied.</summary>
    private static void ReadAhead(WeightStorage storage, WeightPlace place, long from, long length)
    {
        if (place.Region is MappedFile)
            MappedFile.WillNeed(place.Data + from, Math.Min(length, (storage.Rows * storage.RowBytes) - from));
    }

    private struct Packing : IChunkedWork
    {
        public WeightStorage Storage;
        public byte* Source;
        public byte* Target;
        public int First;

        public readonly void Run(int chunk, int worker)
        {
            var layout = Storage.Format.Layout;
            int row = (First + chunk) * PanelLayout.Rows;
            layout.Pack(
                Source + (Storage.RowBytes * row), (nint)Storage.RowBytes, Math.Min(PanelLayout.Rows, Storage.Rows - row),
                Storage.Columns / layout.Length, Target + (Storage.RowBytes * row));
        }
    }
}
